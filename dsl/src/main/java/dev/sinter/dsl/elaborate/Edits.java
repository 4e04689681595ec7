package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Edit;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Path;
import dev.sinter.ir.Contracts;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import java.util.LinkedHashSet;
import java.util.Set;

/// Derived models and the edits that make them, and the contracts that a model states.
final class Edits {
  private static final int DEEPEST = 50;

  private final Elaboration all;
  private final Set<String> frozen = new LinkedHashSet<>();
  private final Promises promises = new Promises();
  private int depth;

  Edits(Elaboration all) {
    this.all = all;
  }

  /// Whether the weight at `path` is left as it is by `minimize`.
  boolean isFrozen(String path) {
    return frozen.contains(path);
  }

  /// The contracts of all models so far.
  Contracts contracts() {
    return promises.contracts();
  }

  /// The model that `derived` makes of its base, under `path`.
  Datum.Module derived(Definition.DerivedModel derived, String path, Scope top, Span span) {
    if (++depth > DEEPEST) {
      depth = 0;
      throw Faults.of(
          DiagnosticCode.ENDLESS_RECURSION,
          derived.name().span(),
          "`" + derived.name().text() + "` is derived from itself");
    }
    try {
      Datum made = all.instantiation().at(path, derived.base(), top);
      if (!(made instanceof Datum.Module model)) {
        throw Faults.of(
            DiagnosticCode.WRONG_KIND,
            derived.base().span(),
            "a model is derived from a model, not from " + made.kind());
      }
      derived.edits().forEach(edit -> apply(edit, model.instance(), top));
      return model;
    } finally {
      depth--;
    }
  }

  /// An edit or contract that a model or `train` holds among its items, all of which are made.
  void contract(Edit edit, ModuleInstance instance) {
    apply(edit, instance, instance.scope());
  }

  private void apply(Edit edit, ModuleInstance instance, Scope scope) {
    switch (edit) {
      case Edit.Change change -> {
        switch (change.verb().text()) {
          case "freeze" -> freeze(change, instance);
          case "replace" -> replace(change, instance, scope);
          default ->
              throw new Fault(
                  Diagnostic.error(
                          DiagnosticCode.COMES_LATER,
                          change.verb().span(),
                          "`" + change.verb().text() + "` is not built yet")
                      .note("the edits that work today are `freeze`, `replace` and `rename`"));
        }
      }
      case Edit.Rename rename -> promises.add(rename, instance.path());
      case Edit.Limit limit -> promises.add(limit);
      case Edit.Check check -> promises.add(check);
      case Edit.Bound bound -> promises.bind(bound, instance);
    }
  }

  private void freeze(Edit.Change change, ModuleInstance instance) {
    if (change.with() != null) {
      throw Faults.of(
          DiagnosticCode.WRONG_ARGUMENTS, change.with().span(), "`freeze` has no `with`");
    }
    for (Path path : change.paths()) {
      frozen.addAll(new Members(all.parameters()).weights(path, instance));
    }
  }

  private void replace(Edit.Change change, ModuleInstance instance, Scope scope) {
    Expr with = change.with();
    if (with == null) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_ARGUMENTS, change.span(), "`replace` lacks its `with`")
              .help("say what takes the place: `replace head with Linear[768 -> 2]`"));
    }
    for (Path path : change.paths()) {
      new Members(all.parameters())
          .change(
              path,
              instance,
              (at, found) -> {
                if (found instanceof Datum.Parameter) {
                  throw Faults.of(
                      DiagnosticCode.WRONG_KIND,
                      path.span(),
                      "`replace` takes members, and `" + at + "` is a tensor");
                }
                forget(at);
                return all.instantiation().at(at, with, scope);
              });
    }
  }

  /// Takes the weights and states at and below `path` out of the model.
  private void forget(String path) {
    all.parameters().keySet().removeIf(name -> name.equals(path) || name.startsWith(path + "."));
    frozen.removeIf(name -> name.equals(path) || name.startsWith(path + "."));
  }
}
