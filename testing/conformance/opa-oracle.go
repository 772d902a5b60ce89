// Command oracle answers policies as OPA does: a JSON list of policies on its input, a line of words for each on its
// output. A word is what data.p.allow is: t, f, u for undefined, v for another value, e for an error; and the line is
// R and the error's code when the compiler refuses the policy.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

type policy struct {
	Modules []string       `json:"modules"`
	Data    map[string]any `json:"data"`
	Inputs  []any          `json:"inputs"`
}

func word(results rego.ResultSet, err error) string {
	switch {
	case err != nil:
		return "e"
	case len(results) == 0:
		return "u"
	}
	switch results[0].Expressions[0].Value {
	case true:
		return "t"
	case false:
		return "f"
	}
	return "v"
}

func answer(asked policy) string {
	ctx := context.Background()
	modules := map[string]*ast.Module{}
	for index, text := range asked.Modules {
		name := fmt.Sprintf("%d.rego", index)
		module, err := ast.ParseModule(name, text)
		if err != nil {
			return "R parse"
		}
		modules[name] = module
	}
	compiler := ast.NewCompiler()
	if compiler.Compile(modules); compiler.Failed() {
		return "R " + compiler.Errors[0].Code
	}
	store := inmem.NewFromObject(asked.Data)
	query, err := rego.New(rego.Query("data.p.allow"), rego.Compiler(compiler), rego.Store(store)).PrepareForEval(ctx)
	if err != nil {
		return "R prepare"
	}
	words := ""
	for _, input := range asked.Inputs {
		words += word(query.Eval(ctx, rego.EvalInput(input)))
	}
	return words
}

func main() {
	var asked []policy
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	if err := decoder.Decode(&asked); err != nil {
		panic(err)
	}
	for _, one := range asked {
		fmt.Println(answer(one))
	}
}
