package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.DimSyntax;
import dev.sinter.dsl.ast.Edit;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Item;
import dev.sinter.dsl.ast.Name;
import dev.sinter.dsl.ast.Sizes;
import dev.sinter.dsl.load.SourceSet;
import dev.sinter.ir.Dim;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Makes modules: sizes and hyper-parameters are bound, members made, params and states registered
/// under their paths.
final class Instantiation {
  private static final int DEEPEST = 100;
  // A text of a line can ask for lists of lists without end; networks have hundreds of modules.
  private static final int MOST = 20_000;

  private final Elaboration all;
  private int depth;
  private int made;
  private @Nullable String path;

  Instantiation(Elaboration all) {
    this.all = all;
  }

  /// `Conv[3 -> 64](k = 3)`: a module, or an optimizer.
  Datum make(Expr.Instance expr, Scope scope, @Nullable Build build) {
    SourceSet.Target target = all.target(expr.name(), scope);
    if (target == null) {
      throw Faults.unknown("module", expr.name().text(), expr.name().span(), all.names(scope));
    }
    Scope top = all.scope(all.sources().home(target));
    List<Argument> arguments = expr.arguments() == null ? List.of() : expr.arguments();
    return switch (target.definition()) {
      case Definition.Optimizer optimizer -> new Datum.Optimizer(optimizer, top, arguments, scope);
      case Definition.Module module -> {
        Scope own = top.inner();
        String here = member(expr.name(), expr.span());
        sizes(module, expr.sizes(), own, scope, expr.span());
        yield new Datum.Module(
            module(
                module.name(),
                module.params(),
                module.facts(),
                module.items(),
                here,
                own,
                all.expressions().arguments(arguments, scope, null),
                expr.span()));
      }
      case Definition.Model model -> {
        String here = member(expr.name(), expr.span());
        yield new Datum.Module(
            module(
                model.name(),
                model.params(),
                model.facts(),
                model.items(),
                here,
                top.inner(),
                all.expressions().arguments(arguments, scope, null),
                expr.span()));
      }
      case Definition.DerivedModel derived -> {
        String here = member(expr.name(), expr.span());
        yield all.edits().derived(derived, here, top, expr.span());
      }
      default ->
          throw Faults.of(
              DiagnosticCode.WRONG_KIND,
              expr.span(),
              "`" + expr.name().text() + "` is no module, model or optimizer");
    };
  }

  private String member(Name name, Span span) {
    if (path == null) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.MODULE_OUTSIDE_MEMBER,
                  span,
                  "a module `" + name.text() + "` is made inside a function")
              .note("members make modules, and only they do, so that each parameter has a name")
              .help(
                  "make it a member beside the `fn`, `layer = "
                      + name.text()
                      + "[...]`, and call that: `layer(x)`"));
    }
    return path;
  }

  private void sizes(
      Definition.Module module, @Nullable Sizes given, Scope own, Scope scope, Span span) {
    List<DimSyntax> declared = flat(module.sizes());
    List<DimSyntax> actual = flat(given);
    boolean arrows =
        (module.sizes() != null && module.sizes().to() != null)
            == (given != null && given.to() != null);
    if (declared.size() != actual.size() || !arrows) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_ARGUMENTS,
                  span,
                  "`" + module.name().text() + "` takes other sizes")
              .also(
                  module.sizes() == null ? module.name().span() : module.sizes().span(),
                  "declared here")
              .help(
                  "sizes stand in brackets, as they are declared: `"
                      + module.name().text()
                      + (module.sizes() == null ? "" : module.sizes().span().text())
                      + "`"));
    }
    for (int i = 0; i < declared.size(); i++) {
      if (!(declared.get(i) instanceof DimSyntax.Single name)
          || !(actual.get(i) instanceof DimSyntax.Single value)) {
        throw Faults.of(DiagnosticCode.BAD_AXES, span, "a module's sizes are single ones");
      }
      String symbol = Types.loneSymbol(name.size());
      Dim size = all.expressions().size(value.size(), scope, null);
      if (symbol == null) {
        throw Faults.of(
            DiagnosticCode.BAD_AXES, name.span(), "a size's name begins with a capital");
      }
      if (size.isConstant() && size.constant() < 1) {
        throw Faults.of(
            DiagnosticCode.OUT_OF_RANGE, value.span(), "the size " + symbol + " is " + size);
      }
      own.define(symbol, new Datum.Size(size));
    }
  }

  private static List<DimSyntax> flat(@Nullable Sizes sizes) {
    List<DimSyntax> out = new ArrayList<>();
    if (sizes != null) {
      out.addAll(sizes.from());
      if (sizes.to() != null) {
        out.addAll(sizes.to());
      }
    }
    return out;
  }

  /// Makes a module of `items` at `path`.
  ModuleInstance module(
      Name kind,
      List<Field> params,
      List<Expr> facts,
      List<Item> items,
      String path,
      Scope own,
      List<Datum.Argued> arguments,
      Span span) {
    if (++depth > DEEPEST) {
      depth = 0;
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.ENDLESS_RECURSION,
                  span,
                  "modules nested more than " + DEEPEST + " deep")
              .help("end the recursion with `when`, as in `below = Level(...) when depth > 0`"));
    }
    if (++made > MOST) {
      throw Faults.of(
          DiagnosticCode.SIZE_TOO_LARGE, span, "a model of more than " + MOST + " modules");
    }
    String before = this.path;
    try {
      all.binding().bind(params, arguments, own, null, span, kind.text());
      ModuleInstance instance = new ModuleInstance(kind.text(), path, own);
      own.define("self", new Datum.Module(instance));
      // A `where` may speak of a size that the items name, and such a size may need it to hold.
      List<String> named = new ArrayList<>();
      for (Item item : items) {
        if (item instanceof Item.SizeAlias alias) {
          named.add(alias.name().text());
        }
      }
      facts.stream().filter(f -> !mentions(f, named)).forEach(f -> demand(f, own, span));
      items.forEach(item -> all.items().size(item, own));
      facts.stream().filter(f -> mentions(f, named)).forEach(f -> demand(f, own, span));
      for (Item item : items) {
        all.items().define(item, instance, own);
      }
      // Edits speak of members, which may stand below them.
      for (Item item : items) {
        if (item instanceof Edit edit) {
          all.edits().contract(edit, instance);
        }
      }
      return instance;
    } finally {
      depth--;
      this.path = before;
    }
  }

  private static boolean mentions(Expr expr, List<String> sizes) {
    return (expr instanceof Expr.Instance instance && sizes.contains(instance.name().text()))
        || Children.of(expr).stream().anyMatch(child -> mentions(child, sizes));
  }

  private void demand(Expr fact, Scope own, Span span) {
    if (!all.expressions().truth(fact, own, null)) {
      throw Faults.violated(fact, own, span);
    }
  }

  /// What a member's expression makes, with `path` as the path of what it makes.
  Datum at(String path, Expr expr, Scope scope) {
    String before = this.path;
    this.path = path;
    try {
      return member(expr, scope, path);
    } finally {
      this.path = before;
    }
  }

  /// Pipelines and lists number what they are made of; all else takes the member's own path.
  private Datum member(Expr expr, Scope scope, String path) {
    return switch (expr) {
      case Expr.Parens parens -> member(parens.value(), scope, path);
      case Expr.Pipe pipe -> {
        List<Datum> stages = new ArrayList<>();
        for (Expr stage : pipe.stages()) {
          stages.add(at(path + "." + stages.size(), stage, scope));
        }
        yield new Datum.Pipeline(stages);
      }
      case Expr.ListOf list -> {
        List<Datum> elements = new ArrayList<>();
        for (Expr element : list.values()) {
          elements.add(at(path + "." + elements.size(), element, scope));
        }
        yield new Datum.Many(elements);
      }
      case Expr.Comprehension list -> {
        List<Datum> elements = new ArrayList<>();
        for (Datum each : all.loops().walked(list.each(), scope, null)) {
          Scope inner = scope.inner();
          inner.define(list.each().name().text(), each);
          elements.add(at(path + "." + elements.size(), list.value(), inner));
        }
        yield new Datum.Many(elements);
      }
      case Expr.If choice ->
          member(
              all.expressions().truth(choice.condition(), scope, null)
                  ? choice.then()
                  : choice.otherwise(),
              scope,
              path);
      case Expr.Call call when !(call.callee() instanceof Expr.Instance) -> {
        // A stage with some of its arguments, as `max_pool(k = 2)`.
        Datum callee = all.expressions().eval(call.callee(), scope, null);
        if (callee instanceof Datum.Function(Callable callable, List<Datum.Argued> given)
            && call.arguments().stream().allMatch(a -> a.name() != null)) {
          List<Datum.Argued> more = new ArrayList<>(given);
          more.addAll(all.expressions().arguments(call.arguments(), scope, null));
          yield new Datum.Function(callable, more);
        }
        yield all.expressions().eval(call, scope, null);
      }
      default -> all.expressions().eval(expr, scope, null);
    };
  }
}
