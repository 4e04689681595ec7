package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Result;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Calls of functions, methods, modules, pipelines and builtins. A call is inlined where it stands.
final class Calls {
  private static final int DEEPEST = 200;
  // Every call is written out where it stands, so that their number is that of the graph's parts.
  private static final int MOST = 200_000;

  private final Elaboration all;
  private final OwnGradients ownGradients;
  private int depth;
  private int calls;

  Calls(Elaboration all) {
    this.all = all;
    this.ownGradients = new OwnGradients(all);
  }

  /// `f(x, k = 2)`.
  Datum call(Expr.Call call, Scope scope, @Nullable Build build, @Nullable TensorType expected) {
    Datum quotient = Numbers.quotient(call, scope, build, all.expressions());
    if (quotient != null) {
      return quotient;
    }
    if (!call.over().isEmpty()
        && call.callee() instanceof Expr.Named named
        && scope.find(named.name().text()) == null) {
      Optional<Reducer> reducer = IndexNotation.scatter(named.name().text());
      if (reducer.isPresent()) {
        return all.indexNotation()
            .scatter(reducer.get(), call, scope, Faults.graph(build, call.span()));
      }
    }
    Datum callee = all.expressions().eval(call.callee(), scope, build);
    if (!call.over().isEmpty()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.MISPLACED_REDUCTION,
                  call.span(),
                  "`for` axes outside index notation")
              .help("give the result axes: `y[n] = sum(x[n, k] for k)`"));
    }
    List<Datum.Argued> arguments = all.expressions().arguments(call.arguments(), scope, build);
    return invoke(callee, arguments, call.span(), build, expected);
  }

  /// Gives a run-time value to a stage of a pipeline.
  Datum apply(Expr stage, Datum value, Scope scope, Build build) {
    Datum.Argued first = new Datum.Argued("", value, stage.span());
    // `x |> f(k = 2)` is `f(x, k = 2)`.
    if (stage instanceof Expr.Call call && call.over().isEmpty()) {
      Datum callee = all.expressions().eval(call.callee(), scope, build);
      List<Datum.Argued> arguments = new ArrayList<>();
      arguments.add(first);
      arguments.addAll(all.expressions().arguments(call.arguments(), scope, build));
      return invoke(callee, arguments, stage.span(), build, null);
    }
    Datum callee = all.expressions().eval(stage, scope, build);
    return invoke(callee, List.of(first), stage.span(), build, null);
  }

  /// Calls `callee`.
  Datum invoke(
      Datum callee,
      List<Datum.Argued> arguments,
      Span span,
      @Nullable Build build,
      @Nullable TensorType expected) {
    if (++calls > MOST) {
      throw Faults.of(
          DiagnosticCode.SIZE_TOO_LARGE, span, "a text that makes more than " + MOST + " calls");
    }
    if (++depth > DEEPEST) {
      depth = 0;
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.ENDLESS_RECURSION, span, "calls nested more than " + DEEPEST)
              .note("recursion ends where a compile-time `if` or `when` stops it"));
    }
    try {
      return switch (callee) {
        case Datum.Function(Callable callable, List<Datum.Argued> given) -> {
          List<Datum.Argued> joined = new ArrayList<>(arguments);
          joined.addAll(given);
          yield function(callable, joined, span, build, expected);
        }
        case Datum.Module(ModuleInstance instance) ->
            function(main(instance, span), arguments, span, build, expected);
        case Datum.Type(DType dtype) -> Casts.cast(dtype, arguments, span, build);
        case Datum.Pipeline(List<Datum> stages) -> pipeline(stages, arguments, span, build);
        case Datum.Many(List<Datum> elements) -> pipeline(elements, arguments, span, build);
        default ->
            throw Faults.of(DiagnosticCode.WRONG_KIND, span, callee.kind() + " cannot be called");
      };
    } finally {
      depth--;
    }
  }

  private Datum pipeline(
      List<Datum> stages, List<Datum.Argued> arguments, Span span, @Nullable Build build) {
    if (stages.isEmpty()) {
      return arguments.getFirst().value();
    }
    Datum value = invoke(stages.getFirst(), arguments, span, build, null);
    for (Datum stage : stages.subList(1, stages.size())) {
      value = invoke(stage, List.of(new Datum.Argued("", value, span)), span, build, null);
    }
    return value;
  }

  /// The function that a module is called by.
  Callable main(ModuleInstance instance, Span span) {
    Function function = instance.function("");
    if (function == null) {
      throw Faults.of(
          DiagnosticCode.WRONG_KIND, span, instance.kindName() + " has no `fn` to be called by");
    }
    return new Callable.Method(instance, function);
  }

  private Datum function(
      Callable callable,
      List<Datum.Argued> arguments,
      Span span,
      @Nullable Build build,
      @Nullable TensorType expected) {
    if (build != null) {
      Optional<Boolean> override = training(arguments);
      if (override.isPresent()) {
        List<Datum.Argued> rest =
            arguments.stream().filter(a -> !a.name().equals("training")).toList();
        boolean before = build.training(override.get() && build.training());
        try {
          return function(callable, rest, span, build, expected);
        } finally {
          build.training(before);
        }
      }
    }
    return switch (callable) {
      case Callable.Builtin(String name, Builtin builtin) ->
          builtin.call(new CallSite(all, name, arguments, span, build, expected));
      case Callable.TopFunction top when top.gradient() != null ->
          ownGradients.call(top, arguments, span, Faults.graph(build, span));
      case Callable.TopFunction(Function function, Scope scope, Definition.Gradient gradient) ->
          inline(function, scope.inner(), arguments, span, build, null);
      case Callable.Method(ModuleInstance instance, Function function) ->
          inline(function, instance.scope().inner(), arguments, span, build, instance);
    };
  }

  private static Optional<Boolean> training(List<Datum.Argued> arguments) {
    for (Datum.Argued argument : arguments) {
      if (argument.name().equals("training")) {
        if (argument.value() instanceof Datum.Truth(boolean value)) {
          return Optional.of(value);
        }
        throw Faults.of(
            DiagnosticCode.NOT_CONSTANT, argument.span(), "`training` is true or false");
      }
    }
    return Optional.empty();
  }

  /// Evaluates a function's body where it is called.
  private Datum inline(
      Function function,
      Scope scope,
      List<Datum.Argued> arguments,
      Span span,
      @Nullable Build build,
      @Nullable ModuleInstance instance) {
    String name = function.name().text();
    all.binding()
        .bind(
            function.params(),
            arguments,
            scope,
            build,
            span,
            name.isEmpty() ? "this module" : name);
    facts(function.facts(), scope, build, span);
    if (instance != null && build != null) {
      Promises.demand(instance, scope, build, span);
    }
    Result result = function.result();
    Span body = function.body().span();
    if (function.body() instanceof Body.Block block && tellsSizes(block)) {
      Datum value = all.statements().run(block, scope, Faults.graph(build, span), null, instance);
      return all.results()
          .checked(result, all.results().declared(result, scope, build), value, build, body);
    }
    List<Optional<TensorType>> declared = all.results().declared(result, scope, build);
    TensorType only = declared.size() == 1 ? declared.getFirst().orElse(null) : null;
    Datum value =
        switch (function.body()) {
          case Body.Single single -> all.expressions().eval(single.value(), scope, build, only);
          case Body.Block block ->
              all.statements().run(block, scope, Faults.graph(build, span), only, instance);
        };
    return all.results().checked(result, declared, value, build, body);
  }

  /// Whether the types of the results may have sizes that are known in the body only.
  private static boolean tellsSizes(Body.Block block) {
    return block.statements().stream().anyMatch(s -> s instanceof Statement.SizeLet);
  }

  /// Proves the facts of a `where`, or says which cannot be.
  private void facts(List<Expr> facts, Scope scope, @Nullable Build build, Span span) {
    for (Expr fact : facts) {
      if (!all.expressions().truth(fact, scope, build)) {
        throw Faults.violated(fact, scope, span);
      }
    }
  }

  /// Assumes the facts of an entry's `where`: they are checked when the model is called.
  void assume(List<Expr> facts, Scope scope, Build build) {
    for (Expr fact : facts) {
      if (fact instanceof Expr.Chain chain
          && chain.rest().size() == 1
          && chain.rest().getFirst().operator().compares()) {
        BinaryOperator operator = chain.rest().getFirst().operator();
        Dim left = all.expressions().size(chain.first(), scope, build);
        Dim right = all.expressions().size(chain.rest().getFirst().operand(), scope, build);
        Sizes.fact(operator, left, right).ifPresent(build::add);
      } else if (!all.expressions().truth(fact, scope, build)) {
        throw Faults.of(DiagnosticCode.FACT_VIOLATED, fact.span(), "this fact does not hold");
      }
    }
  }
}
