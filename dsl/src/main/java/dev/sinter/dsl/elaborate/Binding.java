package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.ir.Dim;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Binds parameters to arguments: first by position, then by name, then by default; a tensor's
/// sizes are bound with it, and once all are, every declared type is checked.
final class Binding {
  private final Elaboration all;

  Binding(Elaboration all) {
    this.all = all;
  }

  /// Defines each of `params` in `scope`.
  ///
  /// @param what is called, for messages
  void bind(
      List<Field> params,
      List<Datum.Argued> arguments,
      Scope scope,
      @Nullable Build build,
      Span span,
      String what) {
    Map<String, Datum.Argued> given = new LinkedHashMap<>();
    int position = 0;
    for (Datum.Argued argument : arguments) {
      String name = argument.name();
      if (name.isEmpty()) {
        if (position >= params.size()) {
          throw Faults.of(
              DiagnosticCode.WRONG_ARGUMENTS,
              argument.span(),
              "%s takes %s, this is one more"
                  .formatted(
                      what, params.size() == 1 ? "1 argument" : params.size() + " arguments"));
        }
        name = params.get(position++).name().text();
      } else if (params.stream().noneMatch(p -> p.name().text().equals(argument.name()))) {
        throw Faults.unknown(
            "parameter of " + what,
            name,
            argument.span(),
            params.stream().map(p -> p.name().text()).toList());
      }
      if (given.put(name, argument) != null) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS, argument.span(), "`" + name + "` is given twice");
      }
    }
    List<Runnable> solutions = new ArrayList<>();
    List<Runnable> checks = new ArrayList<>();
    for (Field param : params) {
      Datum.Argued argument = given.get(param.name().text());
      if (argument == null && param.value() == null) {
        throw new Fault(
            Diagnostic.error(
                    DiagnosticCode.WRONG_ARGUMENTS,
                    span,
                    what + " lacks the argument `" + param.name().text() + "`")
                .also(param.span(), "declared here")
                .help("write `" + what + "(..., " + param.name().text() + " = ...)`"));
      }
      parameter(param, argument, scope, build, solutions, checks);
    }
    // Sizes may be bound by a later parameter, so all are bound before any is checked.
    solutions.forEach(Runnable::run);
    checks.forEach(Runnable::run);
  }

  private void parameter(
      Field param,
      Datum.@Nullable Argued argument,
      Scope scope,
      @Nullable Build build,
      List<Runnable> solutions,
      List<Runnable> checks) {
    String name = param.name().text();
    all.refuseHiding(param.name(), scope);
    Span at = argument == null ? param.span() : argument.span();
    Datum value =
        argument != null
            ? argument.value()
            : all.expressions().eval(Objects.requireNonNull(param.value()), scope, build);
    TypeSyntax type = param.type();
    if (!all.types().isTensor(type, scope)) {
      scope.define(name, Casts.compileTime(type, value, "`" + name + "`", at));
      return;
    }
    if (Types.isKey(type)) {
      if (!(value instanceof Datum.Key)) {
        throw Faults.of(
            DiagnosticCode.WRONG_KIND, at, "`" + name + "` is a key, not " + value.kind());
      }
      scope.define(name, value);
      return;
    }
    if (build == null && !(value instanceof Datum.Tensor)) {
      scope.define(name, value);
      return;
    }
    Build graph = Faults.graph(build, at);
    DType beside = Types.dtype(type, scope).orElse(DType.F32);
    Value tensor;
    if (value instanceof Datum.Shapeless(Datum.Maker maker)) {
      TensorType wanted = all.types().resolve(type, scope, graph);
      tensor = Arithmetic.tensor(maker.make(wanted, graph), beside, at, graph);
    } else {
      tensor = Arithmetic.tensor(value, beside, at, graph);
    }
    String what = "`" + name + "`";
    // A number fills whatever shape is declared.
    boolean fills = !(value instanceof Datum.Tensor) && !(value instanceof Datum.Shapeless);
    all.types().bindDtype(type, tensor.type().dtype(), scope, what, at);
    if (!fills) {
      all.types().bind(Types.dims(type), tensor.type(), scope, what, at);
      scope.define(name, new Datum.Tensor(tensor));
      solutions.add(
          () -> all.types().solve(Types.dims(type), tensor.type(), scope, graph, what, at));
      checks.add(() ->
          all.types()
              .check(
                  all.types().resolve(type, scope, graph),
                  tensor.type(),
                  graph.facts(),
                  what,
                  at,
                  type.span()));
    } else {
      scope.define(name, new Datum.Tensor(tensor));
      checks.add(() -> {
        List<Dim> shape = all.types().shape(Types.dims(type), scope, graph);
        scope.define(name, new Datum.Tensor(Arithmetic.broadcast(tensor, shape, graph)));
      });
    }
  }
}
