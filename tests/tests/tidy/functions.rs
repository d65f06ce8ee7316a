//! Function sizes, measured from `fn` to the closing brace, and unit tests in files of their own.

use proc_macro2::Span;
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use crate::sources::{self, Source, percentile};

const FUNCTION_LINES_MAX: usize = 70;
const FUNCTION_LINES_P90_MAX: usize = 30;

#[test]
fn functions_are_short() {
    let functions = functions(&sources::rust());
    let long: Vec<_> = functions
        .iter()
        .filter(|function| function.lines > FUNCTION_LINES_MAX)
        .collect();
    assert!(
        long.is_empty(),
        "split these functions, none may have more than {FUNCTION_LINES_MAX} lines: {long:#?}"
    );
}

#[test]
fn most_functions_are_much_shorter() {
    let sources: Vec<Source> = sources::rust().into_iter().filter(|source| !source.is_test()).collect();
    let p90 = percentile(functions(&sources).iter().map(|function| function.lines).collect(), 90);
    assert!(
        p90 <= FUNCTION_LINES_P90_MAX,
        "one function in ten has {p90} lines, more than {FUNCTION_LINES_P90_MAX}"
    );
}

#[test]
fn unit_tests_are_in_sibling_files() {
    let mut inline = Vec::new();
    for source in sources::rust() {
        let file = parse(&source);
        let mixed = file
            .items
            .iter()
            .any(|item| matches!(item, syn::Item::Mod(module) if is_inline_test(module)));
        if mixed {
            inline.push(source.path);
        }
    }
    assert!(
        inline.is_empty(),
        "move `mod tests` of these files to `<module>/tests.rs`: {inline:#?}"
    );
}

fn is_inline_test(module: &syn::ItemMod) -> bool {
    let test = module.attrs.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute
                .parse_args::<syn::Path>()
                .is_ok_and(|path| path.is_ident("test"))
    });
    test && module.content.is_some()
}

#[derive(Debug)]
struct Function {
    /// File, line and name.
    _place: String,
    lines: usize,
}

struct Collector<'a> {
    path: &'a str,
    functions: Vec<Function>,
}

impl Collector<'_> {
    /// A table at the end does not count, however many rows it has: there is nothing to split.
    fn add(&mut self, signature: &syn::Signature, body: Option<&syn::Block>, whole: Span) {
        let begin = signature.span().start().line;
        let _place = format!("{}:{begin} {}", self.path, signature.ident);
        let table = body.and_then(|body| body.stmts.last()).map_or(0, table_lines);
        self.functions.push(Function {
            _place,
            lines: whole.end().line - begin + 1 - table,
        });
    }
}

impl<'ast> Visit<'ast> for Collector<'_> {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, Some(&function.block), function.span());
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, Some(&function.block), function.span());
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        self.add(&function.sig, function.default.as_ref(), function.span());
        visit::visit_trait_item_fn(self, function);
    }
}

fn table_lines(statement: &syn::Stmt) -> usize {
    let is_table = match statement {
        syn::Stmt::Expr(syn::Expr::Array(_), None) => true,
        syn::Stmt::Expr(syn::Expr::Macro(call), None) => call.mac.path.is_ident("vec"),
        syn::Stmt::Macro(call) => call.mac.path.is_ident("vec"),
        _ => false,
    };
    let span = statement.span();
    if is_table {
        span.end().line - span.start().line
    } else {
        0
    }
}

fn functions(sources: &[Source]) -> Vec<Function> {
    let mut functions = Vec::new();
    for source in sources {
        let mut collector = Collector {
            path: &source.path,
            functions: Vec::new(),
        };
        collector.visit_file(&parse(source));
        functions.extend(collector.functions);
    }
    functions
}

fn parse(source: &Source) -> syn::File {
    syn::parse_file(&source.text).unwrap_or_else(|error| panic!("{}: {error}", source.path))
}
