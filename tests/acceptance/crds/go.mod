// The modules whose CRDs the tests install; nothing of them is compiled.
module crds

go 1.26.0

require (
	github.com/k8snetworkplumbingwg/network-attachment-definition-client v1.7.7
	github.com/k8stopologyawareschedwg/noderesourcetopology-api v0.1.2
	istio.io/api v1.29.0
	k8s.io/autoscaler/vertical-pod-autoscaler v1.8.1
	sigs.k8s.io/gateway-api v1.6.0
)
