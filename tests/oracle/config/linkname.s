// A package with functions without a body (go:linkname) needs a file of this kind.
