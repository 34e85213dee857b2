package model

// Locals are the names of variables, parameters and type parameters of generated functions in whose scope code refers to
// types or packages, sorted. What has such a name is called otherwise there: packages are renamed, types get a [Type.Alias].
func Locals() []string {
	return []string{"S", "b", "body", "d", "depth", "err", "i", "name", "opts", "set", "v"}
}
