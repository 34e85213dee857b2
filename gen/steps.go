package gen

import (
	"github.com/dave/jennifer/jen"

	"github.com/wfegen/wfe/internal/analysis/model"
)

// emitSteps writes what is handed to a host of the package's steps:
//
//	// Steps holds the steps and events of this package with their dependencies.
//	type Steps struct {
//		wfe.StepSet
//	}
//
//	// NewSteps returns the steps of this package. Its parameters are what they are injected with.
//	func NewSteps(gateway Gateway, mail Mail) Steps {
//		return Steps{wfe.NewStepSet("order",
//			wfe.Step[ChargeCard]{ ... },
//			approvalEvent,
//		)}
//	}
func emitSteps(f *jen.File, pkg *model.Package) {
	f.Line().Add(document("Steps holds the steps and events of this package with their dependencies.")).
		Type().Id("Steps").Struct(wfe("StepSet"))
	doc := "NewSteps returns the steps of this package."
	params := make([]jen.Code, len(pkg.Deps))
	for i, d := range pkg.Deps {
		params[i] = named(d.Param).Add(goType(pkg, d.Type))
	}
	if len(params) > 0 {
		doc += " Its parameters are what they are injected with."
	}
	var parts []jen.Code
	for _, s := range pkg.Steps {
		parts = append(parts, stepValue(pkg, s))
	}
	for _, e := range pkg.Events {
		parts = append(parts, named(e.Var))
	}
	for _, w := range flows(pkg) {
		parts = append(parts, named(w.Flow.Var))
	}
	f.Line().Add(document(doc)).Func().Id("NewSteps").Add(parameters(params)).Id("Steps").Block(
		jen.Return(jen.Id("Steps").Values(wfe("NewStepSet").Add(args(jen.Lit(pkg.Name), parts...)))),
	)
}

// stepValue describes a step to the runtime:
//
//	wfe.Step[ChargeCard]{
//		Name:    "charge-card",
//		Codec:   codecChargeCard,
//		Inject:  func(step *ChargeCard) { step.gateway = gateway },
//		Run:     (*ChargeCard).Run,
//		Undo:    (*ChargeCard).Undo,
//		Retry:   &wfe.RetryPolicy{MaxRetries: 4, Interval: 200 * time.Millisecond, Factor: 2, Jitter: 0.2},
//		Timeout: 30 * time.Second,
//	}
func stepValue(pkg *model.Package, s *model.Step) *jen.Statement {
	fields := []jen.Code{keyed("Name", jen.Lit(s.Step)), keyed("Codec", named(s.Codec))}
	if set := injections(pkg, s); len(set) > 0 {
		fields = append(fields, keyed("Inject", function([]jen.Code{pointer("step", goType(pkg, s.Type))}, set...)))
	}
	switch run := methodOf(pkg, s.Type, "Run"); s.Run {
	case model.RunSteers:
		fields = append(fields, keyed("Steer", run))
	case model.RunBranches:
		fields = append(fields, keyed("Branch", wfe("Branches").Call(run, named(pkg.Types.At(s.Item).Codec))))
	default:
		fields = append(fields, keyed("Run", run))
	}
	if s.Undo {
		fields = append(fields, keyed("Undo", methodOf(pkg, s.Type, "Undo")))
	}
	if s.Compensate != nil && s.Compensate.By != nil {
		fields = append(fields, keyed("UndoneBy", jen.Qual("reflect", "TypeFor").Types(goType(pkg, s.Compensate.By.Type)).Call()))
	}
	if s.Retry != nil {
		fields = append(fields, keyed("Retry", jen.Op("&").Add(retryPolicy(s.Retry))))
	}
	if s.Policy.Timeout != nil {
		fields = append(fields, keyed("Timeout", durationLit(*s.Policy.Timeout)))
	}
	return wfe("Step").Types(goType(pkg, s.Type)).Add(lines(fields...))
}

// injections sets the dependencies of a step: step.gateway = gateway
func injections(pkg *model.Package, s *model.Step) []jen.Code {
	var out []jen.Code
	for _, d := range pkg.Deps {
		for _, in := range d.For {
			if in.Step == s {
				out = append(out, jen.Id("step").Add(dot(in.Field.Name)).Op("=").Add(named(d.Param)))
			}
		}
	}
	return out
}

// retryPolicy is a policy without what is zero in it.
func retryPolicy(r *model.Retry) *jen.Statement {
	var fields []jen.Code
	switch {
	case r.MaxRetries == model.Unlimited:
		fields = append(fields, keyed("MaxRetries", wfe("Unlimited")))
	case r.MaxRetries != 0:
		fields = append(fields, keyed("MaxRetries", jen.Lit(r.MaxRetries)))
	}
	if r.Interval != 0 {
		fields = append(fields, keyed("Interval", durationLit(r.Interval)))
	}
	if r.Factor != 0 {
		fields = append(fields, keyed("Factor", numberLit(r.Factor)))
	}
	if r.MaxInterval != 0 {
		fields = append(fields, keyed("MaxInterval", durationLit(r.MaxInterval)))
	}
	if r.Jitter != 0 {
		fields = append(fields, keyed("Jitter", numberLit(r.Jitter)))
	}
	if r.Then != model.ThenDefault {
		fields = append(fields, keyed("Then", wfe(action(r.Then))))
	}
	return wfe("RetryPolicy").Values(fields...)
}

// action is the runtime's name of what follows a failure.
func action(t model.Then) string {
	switch t {
	case model.ThenSuspend:
		return "Suspend"
	case model.ThenTerminate:
		return "Terminate"
	case model.ThenCompensate:
		return "Compensate"
	case model.ThenCompensateRetry:
		return "CompensateThenRetry"
	case model.ThenCompensateSuspend:
		return "CompensateThenSuspend"
	}
	panic("gen: no action is called " + string(t))
}
