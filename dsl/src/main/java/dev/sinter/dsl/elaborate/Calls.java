package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.BinaryOperator;
import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Result;
import dev.sinter.dsl.ast.TypeSyntax;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Calls of functions, methods, modules, pipelines and builtins. A call is inlined where it stands.
final class Calls {
  private static final int DEEPEST = 200;
  // Every call is written out where it stands, so that their number is that of the graph's parts.
  private static final int MOST = 200_000;

  private final Elaboration all;
  private int depth;
  private int calls;

  Calls(Elaboration all) {
    this.all = all;
  }

  /// `f(x, k = 2)`.
  Datum call(Expr.Call call, Scope scope, @Nullable Build build, @Nullable TensorType expected) {
    Datum quotient = Numbers.quotient(call, scope, build, all.expressions());
    if (quotient != null) {
      return quotient;
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
          withGradient(top, arguments, span, Faults.graph(build, span));
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
    bind(function.params(), arguments, scope, build, span, name.isEmpty() ? "this module" : name);
    facts(function.facts(), scope, build, span);
    if (instance != null && build != null) {
      Promises.demand(instance, scope, build, span);
    }
    List<Optional<TensorType>> declared = results(function.result(), scope, build);
    TensorType only = declared.size() == 1 ? declared.getFirst().orElse(null) : null;
    Datum value =
        switch (function.body()) {
          case Body.Single single -> all.expressions().eval(single.value(), scope, build, only);
          case Body.Block block ->
              all.statements().run(block, scope, Faults.graph(build, span), only, instance);
        };
    return checked(function.result(), declared, value, build, function.body().span());
  }

  /// Binds parameters to arguments: by position, then by name, then by default.
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
      parameter(param, argument, scope, build, checks);
    }
    // Sizes may be bound by a later parameter, so all are bound before any is checked.
    checks.forEach(Runnable::run);
  }

  private void parameter(
      Field param,
      Datum.@Nullable Argued argument,
      Scope scope,
      @Nullable Build build,
      List<Runnable> checks) {
    String name = param.name().text();
    all.refuseHiding(param.name(), scope);
    Span at = argument == null ? param.span() : argument.span();
    Datum value =
        argument != null
            ? argument.value()
            : all.expressions().eval(java.util.Objects.requireNonNull(param.value()), scope, build);
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

  private List<Optional<TensorType>> results(Result result, Scope scope, @Nullable Build build) {
    return switch (result) {
      case Result.Single single -> List.of(resolved(single.type(), scope, build));
      case Result.Named named ->
          named.fields().stream().map(f -> resolved(f.type(), scope, build)).toList();
    };
  }

  private Optional<TensorType> resolved(TypeSyntax type, Scope scope, @Nullable Build build) {
    return all.types().isTensor(type, scope)
        ? Optional.of(all.types().resolve(type, scope, build))
        : Optional.empty();
  }

  private Datum checked(
      Result result,
      List<Optional<TensorType>> declared,
      Datum value,
      @Nullable Build build,
      Span span) {
    List<Datum> values =
        value instanceof Datum.Tuple(List<Datum> elements, List<String> names)
            ? elements
            : List.of(value);
    if (values.size() != declared.size()) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_RESULT,
                  span,
                  "the function gives "
                      + values.size()
                      + " values, declared are "
                      + declared.size())
              .also(result.span(), "declared here")
              .help(
                  values.size() > declared.size()
                      ? "take them apart: `a, b = f(x)`, or `f(x).a`"
                      : "return as many: `return (a, b)`"));
    }
    List<Datum> out = new ArrayList<>();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      Optional<TensorType> type = declared.get(i);
      Span at = result instanceof Result.Named named ? named.fields().get(i).span() : result.span();
      if (result instanceof Result.Named named) {
        names.add(named.fields().get(i).name().text());
      }
      out.add(
          type.isEmpty() || build == null
              ? values.get(i)
              : conform(values.get(i), type.get(), build, "the result", span, at));
    }
    return Datum.results(out, names);
  }

  /// A value as one of the declared type: a number fills it, a tensor must have it.
  Datum conform(Datum value, TensorType type, Build build, String what, Span span, Span declared) {
    if (value instanceof Datum.Shapeless(Datum.Maker maker)) {
      return maker.make(type, build);
    }
    Value tensor = Arithmetic.tensor(value, type.dtype(), span, build);
    if (tensor.type().rank() == 0 && type.rank() > 0 && !(value instanceof Datum.Tensor)) {
      tensor = Arithmetic.broadcast(tensor, type.shape(), build);
    }
    all.types().check(type, tensor.type(), build.facts(), what, span, declared);
    // Sizes that are equal only by facts go on under the declared names.
    return new Datum.Tensor(
        tensor.type().equals(type)
            ? tensor
            : build.builder().add(new dev.sinter.ir.op.Reshape(type.shape()), tensor));
  }

  /// `x :> f32[N, D]`.
  Datum coerce(Expr.Coerce coerce, Scope scope, @Nullable Build build) {
    Build graph = Faults.graph(build, coerce.span());
    TensorType type = all.types().resolve(coerce.type(), scope, graph);
    Datum value = all.expressions().eval(coerce.value(), scope, graph, type);
    Value tensor = Arithmetic.tensor(value, type.dtype(), coerce.span(), graph);
    if (tensor.type().dtype() != type.dtype() || tensor.type().rank() != type.rank()) {
      all.types()
          .check(type, tensor.type(), graph.facts(), "the value", coerce.span(), coerce.span());
    }
    Set<Dim> assumed = new HashSet<>();
    for (int i = 0; i < type.rank(); i++) {
      if (!graph.facts().equal(type.dim(i), tensor.type().dim(i)) && assumed.add(type.dim(i))) {
        graph.add(new dev.sinter.ir.Facts.Fact.Equal(type.dim(i), tensor.type().dim(i)));
      }
    }
    return conform(
        new Datum.Tensor(tensor), type, graph, "the value", coerce.span(), coerce.type().span());
  }

  /// A function with a gradient of its own becomes a call node with both bodies.
  private Datum withGradient(
      Callable.TopFunction top, List<Datum.Argued> arguments, Span span, Build build) {
    Scope scope = top.scope().inner();
    bind(top.function().params(), arguments, scope, build, span, top.name());
    List<Value> operands = new ArrayList<>();
    for (Field param : top.function().params()) {
      if (scope.find(param.name().text()) instanceof Datum.Tensor(Value value)) {
        operands.add(value);
      }
    }
    Region forward =
        body(
            top,
            top.function().params(),
            operands,
            top.function().result(),
            top.function().body(),
            build,
            span);
    Definition.Gradient gradient = java.util.Objects.requireNonNull(top.gradient());
    List<Value> forGradient = new ArrayList<>(operands);
    forward.results().forEach(r -> forGradient.add(r));
    Region backward =
        body(top, gradient.params(), forGradient, gradient.result(), gradient.body(), build, span);
    Value result =
        build
            .builder()
            .add(
                new dev.sinter.ir.op.Call(top.name()),
                operands,
                List.of(forward, backward),
                top.name())
            .result();
    return new Datum.Tensor(result);
  }

  private Region body(
      Callable.TopFunction top,
      List<Field> params,
      List<Value> like,
      Result result,
      Body body,
      Build build,
      Span span) {
    GraphBuilder inner = new GraphBuilder();
    List<Datum.Argued> given = new ArrayList<>();
    for (int i = 0; i < params.size() && i < like.size(); i++) {
      Value parameter = inner.parameter(like.get(i).type(), params.get(i).name().text());
      given.add(new Datum.Argued("", new Datum.Tensor(parameter), span));
    }
    Value turn = inner.fill(TensorType.of(DType.I32, new Dim[0]), 0);
    build.enter(inner, turn);
    try {
      Scope own = top.scope().inner();
      bind(params, given, own, build, span, top.name());
      List<Optional<TensorType>> declared = results(result, own, build);
      Datum value =
          switch (body) {
            case Body.Single single ->
                all.expressions()
                    .eval(single.value(), own, build, declared.getFirst().orElse(null));
            case Body.Block block ->
                all.statements().run(block, own, build, declared.getFirst().orElse(null), null);
          };
      Datum checked = checked(result, declared, value, build, span);
      List<Value> results = new ArrayList<>();
      for (Datum each :
          checked instanceof Datum.Tuple(List<Datum> elements, List<String> names)
              ? elements
              : List.of(checked)) {
        results.add(Arithmetic.tensor(each, DType.F32, span, build));
      }
      return inner.region(results);
    } finally {
      build.leave();
    }
  }
}
