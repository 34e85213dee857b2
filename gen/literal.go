package gen

import "github.com/dave/jennifer/jen"

// lines is what follows a composite type when each of its fields stands on a line of its own.
func lines(fields ...jen.Code) *jen.Statement {
	if len(fields) == 0 {
		return jen.Values()
	}
	return jen.Custom(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, fields...)
}

// args are the arguments of a call, each on a line of its own but for the first.
func args(first jen.Code, rest ...jen.Code) *jen.Statement {
	if len(rest) == 0 {
		return jen.Parens(jen.Add(first))
	}
	list := jen.Add(first).Op(",").Line()
	for _, arg := range rest {
		list.Add(arg).Op(",").Line()
	}
	return jen.Parens(list)
}

// parameters are those of a function, each on a line of its own if they are many.
func parameters(params []jen.Code) *jen.Statement {
	if len(params) <= 5 {
		return jen.Params(params...)
	}
	return jen.Custom(jen.Options{Open: "(", Close: ")", Separator: ",", Multi: true}, params...)
}

// keyed is a field of a composite literal: Name: value
func keyed(name string, value jen.Code) jen.Code { return named(name).Op(":").Add(value) }

// assignment is to = from, of fields: step.Cents = data.Cents
func assignment(to, toField, from, fromField string) jen.Code {
	return named(to).Add(dot(toField)).Op("=").Add(named(from)).Add(dot(fromField))
}

// function is a function literal without results. A single statement stands in its line.
func function(params []jen.Code, body ...jen.Code) *jen.Statement {
	if len(body) == 1 {
		return jen.Func().Params(params...).Add(inline(body[0]))
	}
	return jen.Func().Params(params...).Block(body...)
}

// inline is the body of a function in one line: { return data.Items }
func inline(statement jen.Code) *jen.Statement {
	return jen.Custom(jen.Options{Open: "{", Close: "}"}, statement)
}

// pointer is a parameter that is a pointer to a type: data *Order
func pointer(name string, to *jen.Statement) jen.Code { return named(name).Op("*").Add(to) }
