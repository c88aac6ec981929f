package config

import "strings"

// expand replaces ${NAME} and ${NAME:-default} by environment variables, and $$ by a dollar sign. A dollar sign
// before anything else stands for itself, so that most passwords need no escape. The default is used when the
// variable is unset or empty, as in a shell, and is taken as it stands. The problem, if there is one, names
// variables and quotes nothing else.
func expand(text string, env Env) (expanded, problem string) {
	if !strings.Contains(text, "$") {
		return text, ""
	}
	var out strings.Builder
	for {
		i := strings.IndexByte(text, '$')
		if i < 0 || i == len(text)-1 {
			out.WriteString(text)
			return out.String(), ""
		}
		out.WriteString(text[:i])
		text = text[i+1:]
		switch text[0] {
		case '$':
			out.WriteByte('$')
			text = text[1:]
		case '{':
			end := strings.IndexByte(text, '}')
			if end < 0 {
				return "", "a ${ without its }; write $$ for a dollar sign"
			}
			value, problem := variable(text[1:end], env)
			if problem != "" {
				return "", problem
			}
			out.WriteString(value)
			text = text[end+1:]
		default:
			out.WriteByte('$')
		}
	}
}

func variable(reference string, env Env) (value, problem string) {
	name, fallback, hasFallback := strings.Cut(reference, ":-")
	if !isVariable(name) {
		return "", "between ${ and } stands the name of an environment variable: letters, digits and _; write $$ for a dollar sign"
	}
	if strings.Contains(fallback, "${") {
		return "", "a default is plain text, without another ${ in it"
	}
	value, ok := env.lookup(name)
	if hasFallback {
		if value == "" {
			value = fallback
		}
		return value, ""
	}
	if !ok {
		problem = "environment variable " + name + " is not set"
		if near := nearest(name, env.names()); near != "" {
			problem += "; did you mean " + near + "?"
		} else {
			problem += "; set it, or give a default as in ${" + name + ":-value}"
		}
	}
	return value, problem
}

func isVariable(name string) bool {
	for i, c := range []byte(name) {
		digit := c >= '0' && c <= '9'
		if !(c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || digit && i > 0) {
			return false
		}
	}
	return name != ""
}
