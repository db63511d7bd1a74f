/* SPDX-License-Identifier: BSD-3-Clause */
/* config_parser - the grammar of warden.conf: clauses, and one option a line.
 *
 * It knows no option by name. Values are spans of the source's text, so nothing here
 * is allocated or freed. After a wrong line it goes on with the next.
 */
%code requires {
#include "engine/draft.h"
}
%define api.pure full
%define api.prefix {config_}
%define api.token.prefix {TOKEN_}
%define api.value.type {struct token}
%define api.header.include {"engine/config_parser.h"}
%parse-param {void *scanner} {struct source *source}
%lex-param {void *scanner}

%code {
int config_lex(struct token *token, void *scanner);

static void config_error(void *scanner, struct source *source, const char *message)
{
	(void)scanner;
	(void)message; /* "syntax error", in the grammar's own words */
	draft_syntax(source, "expected 'option: value', a value with blanks in quotes", &source->last);
}
}

%token CLAUSE KEY VALUE END

%%

file
	: %empty
	| file END
	| file CLAUSE        { draft_clause(source, &$2); }
	| file KEY VALUE END { draft_option(source, &$2, &$3); }
	| file KEY END       { draft_bare(source, &$2); }
	| file error END     { yyerrok; }
	;
