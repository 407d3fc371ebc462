// Package groups names the Kubernetes API groups whose types the project carries.
package groups

import (
	admissionregistration "k8s.io/api/admissionregistration/v1"
	apps "k8s.io/api/apps/v1"
	authentication "k8s.io/api/authentication/v1"
	authorization "k8s.io/api/authorization/v1"
	autoscaling "k8s.io/api/autoscaling/v1"
	batch "k8s.io/api/batch/v1"
	certificates "k8s.io/api/certificates/v1"
	coordination "k8s.io/api/coordination/v1"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
	events "k8s.io/api/events/v1"
	flowcontrol "k8s.io/api/flowcontrol/v1"
	networking "k8s.io/api/networking/v1"
	node "k8s.io/api/node/v1"
	policy "k8s.io/api/policy/v1"
	rbac "k8s.io/api/rbac/v1"
	scheduling "k8s.io/api/scheduling/v1"
	storage "k8s.io/api/storage/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	apiregistration "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
)

// Versions lists the group versions in a fixed order.
var Versions = []schema.GroupVersion{
	core.SchemeGroupVersion,
	admissionregistration.SchemeGroupVersion,
	apiextensions.SchemeGroupVersion,
	apiregistration.SchemeGroupVersion,
	apps.SchemeGroupVersion,
	authentication.SchemeGroupVersion,
	authorization.SchemeGroupVersion,
	autoscaling.SchemeGroupVersion,
	batch.SchemeGroupVersion,
	certificates.SchemeGroupVersion,
	coordination.SchemeGroupVersion,
	discovery.SchemeGroupVersion,
	events.SchemeGroupVersion,
	flowcontrol.SchemeGroupVersion,
	networking.SchemeGroupVersion,
	node.SchemeGroupVersion,
	policy.SchemeGroupVersion,
	rbac.SchemeGroupVersion,
	scheduling.SchemeGroupVersion,
	storage.SchemeGroupVersion,
}

// Scheme returns a scheme that knows every type of Versions.
func Scheme() *runtime.Scheme {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		core.AddToScheme,
		admissionregistration.AddToScheme,
		apiextensions.AddToScheme,
		apiregistration.AddToScheme,
		apps.AddToScheme,
		authentication.AddToScheme,
		authorization.AddToScheme,
		autoscaling.AddToScheme,
		batch.AddToScheme,
		certificates.AddToScheme,
		coordination.AddToScheme,
		discovery.AddToScheme,
		events.AddToScheme,
		flowcontrol.AddToScheme,
		networking.AddToScheme,
		node.AddToScheme,
		policy.AddToScheme,
		rbac.AddToScheme,
		scheduling.AddToScheme,
		storage.AddToScheme,
	} {
		utilruntime.Must(add(scheme))
	}
	return scheme
}

// notServed are registered kinds that no resource of ours reads or writes: query parameters of
// streaming subresources, and leftovers.
var notServed = map[string]bool{
	"ComponentStatus": true, "ComponentStatusList": true, "PodStatusResult": true,
	"PodAttachOptions": true, "PodExecOptions": true, "PodLogOptions": true,
	"PodPortForwardOptions": true, "PodProxyOptions": true, "NodeProxyOptions": true,
	"ServiceProxyOptions": true, "RangeAllocation": true, "SerializedReference": true,
	"ConversionReview": true, "InternalEvent": true,
}

// Kinds lists, for one group version, the names of the kinds that the project carries.
func Kinds(scheme *runtime.Scheme, version schema.GroupVersion) []string {
	var names []string
	for name, goType := range scheme.KnownTypes(version) {
		if goType.PkgPath() == "k8s.io/apimachinery/pkg/apis/meta/v1" || notServed[name] {
			continue
		}
		if version.Group == "autoscaling" && name != "Scale" {
			continue
		}
		names = append(names, name)
	}
	return names
}
