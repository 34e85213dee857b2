package extract

import (
	"go/ast"
	"go/constant"
	"time"

	"github.com/wfegen/wfe/runtime/definition"
)

// rhythm reads when the rounds of a Recur are due: wfe.Every(d) or wfe.Cron(expr, zone). It is a part of the definition.
func (r *reader) rhythm(x ast.Expr, n *definition.Node) {
	if call, ok := ast.Unparen(x).(*ast.CallExpr); ok {
		fn, _ := called(call)
		switch name := runtimeFunc(r.bodies, fn); {
		case name == "Every" && len(call.Args) == 1:
			if v := r.bodies.Types[call.Args[0]].Value; v != nil {
				every, _ := constant.Int64Val(constant.ToInt(v))
				n.Every = time.Duration(every)
				return
			}
		case name == "Cron" && len(call.Args) == 2:
			n.Cron, n.Zone = r.constant(call.Args[0]), r.constant(call.Args[1])
			return
		}
	}
	r.report(notConstant(r.pos(x.Pos()), r.lineEnd(x), "when rounds are due"))
	r.ok = false
}
