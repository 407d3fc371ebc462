// Tables prints, as JSON, how the Go types of Kubernetes' API groups look on the wire: for every
// message its fields with JSON name, protobuf number, type and presence. The TypeScript side of the
// generator joins this with the published OpenAPI documents.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"mothership.dev/tools/gen/groups"
)

// Field is one member of a message. Presence says what JSON shows for a zero value:
// "always" the zero value, "omitempty" nothing, "pointer" nothing unless the field was on the wire,
// "nullable" null unless it was on the wire, "inline" the member's own fields in the parent.
type Field struct {
	Name     string `json:"name"`
	Number   int    `json:"number"`
	Type     string `json:"type"`
	Presence string `json:"presence"`
}

// Kind names the message of one registered kind.
type Kind struct {
	Group   string `json:"group"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
	Message string `json:"message"`
}

// Output is the whole document.
type Output struct {
	Kinds    []Kind             `json:"kinds"`
	Messages map[string][]Field `json:"messages"`
}

var metaKinds = []any{
	metav1.CreateOptions{}, metav1.DeleteOptions{}, metav1.PatchOptions{}, metav1.UpdateOptions{},
	metav1.Status{}, metav1.WatchEvent{}, metav1.List{}, metav1.PartialObjectMetadata{},
	metav1.PartialObjectMetadataList{},
}

// special are the types whose JSON form is not the one their fields have: the codec knows them.
var special = map[string]bool{
	"io.k8s.apimachinery.pkg.api.resource.Quantity":                                         true,
	"io.k8s.apimachinery.pkg.apis.meta.v1.Duration":                                         true,
	"io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1":                                         true,
	"io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime":                                        true,
	"io.k8s.apimachinery.pkg.apis.meta.v1.Time":                                             true,
	"io.k8s.apimachinery.pkg.runtime.RawExtension":                                          true,
	"io.k8s.apimachinery.pkg.util.intstr.IntOrString":                                       true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON":                         true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrArray":       true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrBool":        true,
	"io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaPropsOrStringArray": true,
}

var marshaler = reflect.TypeOf((*json.Marshaler)(nil)).Elem()

func openAPIName(goType reflect.Type) string {
	domain, rest, _ := strings.Cut(goType.PkgPath(), "/")
	labels := strings.Split(domain, ".")
	for left, right := 0, len(labels)-1; left < right; left, right = left+1, right-1 {
		labels[left], labels[right] = labels[right], labels[left]
	}
	return strings.Join(labels, ".") + "." + strings.ReplaceAll(rest, "/", ".") + "." + goType.Name()
}

type collector map[string][]Field

func (messages collector) add(goType reflect.Type) string {
	name := openAPIName(goType)
	if _, known := messages[name]; known {
		return name
	}
	messages[name] = []Field{}
	if goType.Kind() == reflect.Slice {
		messages[name] = []Field{{"items", 1, "[]" + messages.typeOf(goType.Elem()), "items"}}
		return name
	}
	custom := goType.Implements(marshaler) || reflect.PointerTo(goType).Implements(marshaler)
	if custom != special[name] {
		panic(fmt.Sprintf("%s: own JSON form %v, but the list of such types says %v", name, custom, !custom))
	}
	if custom && !strings.Contains(name, "JSONSchemaPropsOr") {
		return name
	}
	fields := []Field{}
	for index := range goType.NumField() {
		if field, ok := messages.field(goType.Field(index), custom); ok {
			fields = append(fields, field)
		}
	}
	sort.SliceStable(fields, func(left, right int) bool { return fields[left].Number < fields[right].Number })
	messages[name] = fields
	return name
}

func isBytes(goType reflect.Type) bool {
	return goType.Kind() == reflect.Slice && goType.Elem().Kind() == reflect.Uint8
}

func (messages collector) typeOf(goType reflect.Type) string {
	switch goType.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "bool"
	case reflect.Int32:
		return "int32"
	case reflect.Int64:
		return "int64"
	case reflect.Float64:
		return "double"
	case reflect.Struct:
		return messages.add(goType)
	case reflect.Slice:
		if isBytes(goType) {
			return "bytes"
		}
		return messages.add(goType)
	}
	panic("no wire type for " + goType.String())
}

func (messages collector) field(member reflect.StructField, untagged bool) (Field, bool) {
	tag, ok := member.Tag.Lookup("protobuf")
	parts := strings.Split(tag, ",")
	if !ok || len(parts) < 3 {
		return Field{}, false
	}
	number, err := strconv.Atoi(parts[1])
	if err != nil {
		panic(err)
	}
	jsonName, options, _ := strings.Cut(member.Tag.Get("json"), ",")
	omitZero := strings.Contains(options, "omitzero")
	if strings.Contains(options, "string") || omitZero && member.Type != reflect.TypeOf(metav1.Time{}) {
		panic(member.Name + ": JSON option " + options + " is not covered")
	}
	field := Field{Name: jsonName, Number: number}
	omitEmpty := strings.Contains(options, "omitempty")
	if untagged {
		field.Name, omitEmpty = strings.TrimPrefix(parts[3], "name="), true
	}
	if jsonName == "-" {
		panic(member.Name + " has a protobuf number but no JSON name")
	}
	goType := member.Type
	switch {
	case goType.Kind() == reflect.Pointer:
		goType = goType.Elem()
		field.Presence = map[bool]string{true: "pointer", false: "nullable"}[omitEmpty]
	case field.Name == "":
		if !member.Anonymous && !strings.Contains(options, "inline") {
			panic(member.Name + " has no JSON name")
		}
		field.Presence = "inline"
	case omitZero:
		field.Presence = "omitempty"
	case goType.Kind() == reflect.Struct || !omitEmpty:
		field.Presence = "always"
	default:
		field.Presence = "omitempty"
	}
	// A slice type with a name travels as a message around the list, any other as a repeated field.
	repeated := parts[2] == "rep" || goType.Name() == "" && !isBytes(goType)
	switch {
	case goType.Kind() == reflect.Map && goType.Key().Kind() == reflect.String:
		field.Type = "{}" + messages.typeOf(goType.Elem())
	case repeated && goType.Kind() == reflect.Slice:
		element := goType.Elem()
		if element.Kind() == reflect.Pointer {
			element = element.Elem()
		}
		field.Type = "[]" + messages.typeOf(element)
	default:
		field.Type = messages.typeOf(goType)
	}
	return field, true
}

func main() {
	messages := collector{}
	output := Output{Messages: messages}
	scheme := groups.Scheme()
	for _, version := range groups.Versions {
		names := groups.Kinds(scheme, version)
		sort.Strings(names)
		for _, name := range names {
			message := messages.add(scheme.KnownTypes(version)[name])
			output.Kinds = append(output.Kinds, Kind{version.Group, version.Version, name, message})
		}
	}
	for _, value := range metaKinds {
		goType := reflect.TypeOf(value)
		output.Kinds = append(output.Kinds, Kind{"meta.k8s.io", "v1", goType.Name(), messages.add(goType)})
	}
	encoder := json.NewEncoder(os.Stdout)
	if err := encoder.Encode(output); err != nil {
		panic(err)
	}
}
