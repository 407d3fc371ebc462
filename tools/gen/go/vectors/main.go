// Vectors prints objects of Kubernetes' API groups as Go's own encoders write them, in protobuf and
// in JSON: for every kind one object with nothing set and some filled at random from a fixed seed.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"sort"
	"strings"
	"time"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/runtime/serializer/protobuf"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/randfill"

	"mothership.dev/tools/gen/groups"
)

// Vector is one object in both encodings. JSON is what Go prints after reading Protobuf back.
type Vector struct {
	Protobuf string          `json:"protobuf"`
	JSON     json.RawMessage `json:"json"`
}

// sizes bounds the filled protobuf bodies: one object of each kind, the two below more and larger.
const usualSize = 900

var largeKinds = map[string]int{"Pod": 6000, "CustomResourceDefinition": 5000, "Node": 3000, "Deployment": 4000}

var scalars = []string{"", "a", "b c", "λ", "x/y", "<&>", "😀", "null", "0"}

func text(random randfill.Continue) string {
	return scalars[random.Intn(len(scalars))]
}

func object(random randfill.Continue) []byte {
	return compact(map[string]any{text(random): []any{random.Intn(9), nil, true, text(random)}})
}

// compact is JSON as most encoders print it: Go alone escapes HTML by default.
func compact(value any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return bytes.TrimSpace(buffer.Bytes())
}

func instant(random randfill.Continue) time.Time {
	return time.Unix(random.Int63n(4e9)-1e9, random.Int63n(1e9))
}

// functions fill the types whose fields are no free choice. Metadata is whole only where asked for,
// to leave room for the rest; schemas nest three deep.
func functions(wholeMetadata bool) []any {
	depth := 0
	return []any{
		func(value *metav1.ObjectMeta, random randfill.Continue) {
			if wholeMetadata {
				random.FillNoCustom(value)
				return
			}
			value.Name = text(random)
			value.Labels = map[string]string{text(random): text(random)}
		},
		func(value *string, random randfill.Continue) { *value = text(random) },
		// Empty bytes and none look the same in JSON.
		func(value *[]byte, random randfill.Continue) { *value = []byte("\xff" + text(random)) },
		func(value *int32, random randfill.Continue) { *value = int32(random.Intn(400) - 100) },
		func(value *int64, random randfill.Continue) {
			*value = random.Int63n(1<<53) >> random.Intn(53) * (1 - 2*random.Int63n(2))
		},
		func(value *metav1.TypeMeta, _ randfill.Continue) { *value = metav1.TypeMeta{} },
		func(value *metav1.Time, random randfill.Continue) {
			if random.Bool() {
				*value = metav1.NewTime(instant(random))
			}
		},
		func(value *metav1.MicroTime, random randfill.Continue) {
			if random.Bool() {
				*value = metav1.NewMicroTime(instant(random))
			}
		},
		// A pointer to the zero time is null in JSON, as no pointer is: nothing could bring it back.
		func(value **metav1.Time, random randfill.Continue) {
			*value = &metav1.Time{Time: instant(random)}
		},
		func(value **metav1.MicroTime, random randfill.Continue) {
			*value = &metav1.MicroTime{Time: instant(random)}
		},
		func(value *metav1.FieldsV1, random randfill.Continue) { value.Raw = object(random) },
		func(value *runtime.RawExtension, random randfill.Continue) { value.Raw = object(random) },
		func(value *apiextensions.JSON, random randfill.Continue) { value.Raw = object(random) },
		func(value *resource.Quantity, random randfill.Continue) {
			*value = *resource.NewMilliQuantity(random.Int63n(1e6), resource.DecimalSI)
		},
		func(value *intstr.IntOrString, random randfill.Continue) {
			*value = intstr.FromInt32(int32(random.Intn(400) - 100))
			if random.Bool() {
				*value = intstr.FromString(text(random))
			}
		},
		func(value *apiextensions.JSONSchemaProps, random randfill.Continue) {
			if depth < 3 {
				depth++
				random.FillNoCustom(value)
				depth--
			}
		},
		func(value *apiextensions.JSONSchemaPropsOrArray, random randfill.Continue) {
			value.Schema = &apiextensions.JSONSchemaProps{}
			random.Fill(value.Schema)
			if random.Bool() {
				value.JSONSchemas, value.Schema = []apiextensions.JSONSchemaProps{*value.Schema, {}}, nil
			}
		},
		func(value *apiextensions.JSONSchemaPropsOrStringArray, random randfill.Continue) {
			value.Property = []string{text(random), ""}
			if random.Bool() {
				value.Property, value.Schema = nil, &apiextensions.JSONSchemaProps{}
				random.Fill(value.Schema)
			}
		},
		func(value *apiextensions.JSONSchemaPropsOrBool, random randfill.Continue) {
			value.Allows = random.Bool()
			if value.Allows && random.Bool() {
				value.Schema = &apiextensions.JSONSchemaProps{}
				random.Fill(value.Schema)
			}
		},
	}
}

func filled(goType reflect.Type, kind string) (runtime.Object, []byte) {
	limit, isLarge := largeKinds[kind]
	if !isLarge {
		limit = usualSize
	}
	var best runtime.Object
	var bestBody []byte
	for seed := int64(1); seed <= 60; seed++ {
		filler := randfill.NewWithSeed(seed).NilChance(.1+float64(seed)/70).NumElements(1, 2).Funcs(functions(kind == "ConfigMap")...)
		candidate := reflect.New(goType).Interface().(runtime.Object)
		filler.Fill(candidate)
		body := encode(candidate, kind)
		if len(body) <= limit && len(body) > len(bestBody) {
			best, bestBody = candidate, body
		}
	}
	if best == nil {
		panic(kind + ": no seed gives an object that is small enough")
	}
	return best, bestBody
}

var version schema.GroupVersion

func encode(value runtime.Object, kind string) []byte {
	value.GetObjectKind().SetGroupVersionKind(version.WithKind(kind))
	var buffer bytes.Buffer
	if err := protobuf.NewSerializer(nil, nil).Encode(value, &buffer); err != nil {
		panic(fmt.Errorf("%s: %w", kind, err))
	}
	return buffer.Bytes()
}

// vector reads the body back with Go's decoder, so that the JSON is what a server sees.
func vector(scheme *runtime.Scheme, body []byte) Vector {
	value, _, err := protobuf.NewSerializer(scheme, scheme).Decode(body, nil, nil)
	if err != nil {
		panic(err)
	}
	return Vector{base64.StdEncoding.EncodeToString(body), compact(value)}
}

func main() {
	time.Local = time.UTC
	scheme := groups.Scheme()
	output := bytes.NewBufferString("[")
	for _, version = range groups.Versions {
		names := groups.Kinds(scheme, version)
		sort.Strings(names)
		for _, kind := range names {
			if strings.HasSuffix(kind, "List") {
				continue
			}
			goType := scheme.KnownTypes(version)[kind]
			empty := reflect.New(goType).Interface().(runtime.Object)
			_, body := filled(goType, kind)
			for _, data := range [][]byte{encode(empty, kind), body} {
				fmt.Fprintf(output, "\n%s,", compact(vector(scheme, data)))
			}
		}
	}
	output.Truncate(output.Len() - 1)
	output.WriteString("\n]\n")
	if _, err := os.Stdout.Write(output.Bytes()); err != nil {
		panic(err)
	}
}
