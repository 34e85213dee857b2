package diag

import "strings"

// Code names a kind of finding for good: WFE1003. A code is never used for another meaning.
//
// 1xxx is the syntax of directives, 2xxx types and what is saved of them, 3xxx workflow functions, 4xxx those in
// plain Go, 9xxx wfegen itself.
type Code string

// Ours reports whether a code is about wfegen itself, so that no change of source code mends it.
func (c Code) Ours() bool { return strings.HasPrefix(string(c), "WFE9") }

// Codes of directives.
const (
	NearMiss         Code = "WFE1001"
	UnknownVerb      Code = "WFE1002"
	UnknownKey       Code = "WFE1003"
	MissingValue     Code = "WFE1004"
	BadValue         Code = "WFE1005"
	DuplicateKey     Code = "WFE1006"
	DuplicateVerb    Code = "WFE1007"
	Detached         Code = "WFE1008"
	WrongDeclaration Code = "WFE1009"
	TypeGroup        Code = "WFE1010"
	InTestFile       Code = "WFE1011"
	TrailingComment  Code = "WFE1012"
	BadArgument      Code = "WFE1013"
	Constrained      Code = "WFE1014"
	BadTag           Code = "WFE1015"
	KeysDisagree     Code = "WFE1016"
	UnusedNolint     Code = "WFE1017"
	NoEffect         Code = "WFE1018"
)

// Codes of types.
const (
	NotStruct            Code = "WFE2001"
	BadRun               Code = "WFE2002"
	ValueReceiver        Code = "WFE2003"
	Generic              Code = "WFE2004"
	BadUndo              Code = "WFE2005"
	NotSerialisable      Code = "WFE2006"
	UnexportedField      Code = "WFE2007"
	SameJSONName         Code = "WFE2008"
	ForeignUnexported    Code = "WFE2009"
	BadMapKey            Code = "WFE2010"
	DuplicateName        Code = "WFE2011"
	MethodTaken          Code = "WFE2012"
	NoSuchStep           Code = "WFE2013"
	UnwiredCompensation  Code = "WFE2014"
	CompensationDisagree Code = "WFE2015"
	PromotedMarshaler    Code = "WFE2016"
	BadField             Code = "WFE2017"
	NameTaken            Code = "WFE2018"
	HidesPredeclared     Code = "WFE2019"
	BranchesDisagree     Code = "WFE2020"
)

// Codes of workflow functions.
const (
	BadWorkflow         Code = "WFE3001"
	NoData              Code = "WFE3002"
	AmbiguousData       Code = "WFE3003"
	ControlFlow         Code = "WFE3004"
	NotBuilder          Code = "WFE3005"
	UnmarkedCall        Code = "WFE3006"
	BuilderCaptured     Code = "WFE3007"
	ContainsItself      Code = "WFE3008"
	NotConstant         Code = "WFE3009"
	NothingToModify     Code = "WFE3010"
	NotRegistered       Code = "WFE3011"
	DuplicateNode       Code = "WFE3012"
	BadDefinition       Code = "WFE3013"
	UnsetInput          Code = "WFE3014"
	InputSetTwice       Code = "WFE3015"
	OutputLost          Code = "WFE3016"
	ParallelWrites      Code = "WFE3017"
	Unreachable         Code = "WFE3018"
	NotCompensated      Code = "WFE3019"
	EndlessChildren     Code = "WFE3020"
	NoBranchBlock       Code = "WFE3021"
	CompensationDropped Code = "WFE3022"
	Misplaced           Code = "WFE3023"
)

// Codes of workflows in plain Go.
const (
	NotCompiled     Code = "WFE4001"
	Undecided       Code = "WFE4002"
	ImpureCall      Code = "WFE4003"
	NotPure         Code = "WFE4004"
	PackageVariable Code = "WFE4005"
	RangeOrder      Code = "WFE4006"
	CallInside      Code = "WFE4007"
	FlowElsewhere   Code = "WFE4008"
	NotWritten      Code = "WFE4009"
	BadHelper       Code = "WFE4010"
	SettingVaries   Code = "WFE4011"
	NotSaved        Code = "WFE4012"
	Aliased         Code = "WFE4013"
	LoopChanged     Code = "WFE4014"
	BranchesShare   Code = "WFE4015"
	TryIgnored      Code = "WFE4016"
	UndoOutside     Code = "WFE4017"
	UndoSees        Code = "WFE4018"
	NothingWaits    Code = "WFE4019"
	DataReplaced    Code = "WFE4020"
	CaseUnnamed     Code = "WFE4021"
	NotKept         Code = "WFE4022"
)

// Codes of wfegen itself.
const (
	BadOutput Code = "WFE9001"
)

// Explanation is what a code means.
type Explanation struct {
	Code  Code
	Title string // a few words
	Text  string // why it is so, and what to do
}
