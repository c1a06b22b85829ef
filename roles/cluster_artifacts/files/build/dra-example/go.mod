module dra-example

go 1.26.0

require sigs.k8s.io/dra-example-driver v0.2.0

tool sigs.k8s.io/dra-example-driver/cmd/dra-example-kubeletplugin
