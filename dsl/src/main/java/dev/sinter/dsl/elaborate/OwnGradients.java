package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Field;
import dev.sinter.dsl.ast.Result;
import dev.sinter.ir.Dim;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Region;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.ir.op.Call;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// Calls of functions that say their gradient themselves: a call node with both bodies, of which
/// differentiation takes the second.
final class OwnGradients {
  private final Elaboration all;

  OwnGradients(Elaboration all) {
    this.all = all;
  }

  /// A function with a gradient of its own becomes a call node with both bodies.
  Datum call(Callable.TopFunction top, List<Datum.Argued> arguments, Span span, Build build) {
    Scope scope = top.scope().inner();
    all.binding().bind(top.function().params(), arguments, scope, build, span, top.name());
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
    Definition.Gradient gradient = Objects.requireNonNull(top.gradient());
    List<Value> forGradient = new ArrayList<>(operands);
    forward.results().forEach(r -> forGradient.add(r));
    Region backward =
        body(top, gradient.params(), forGradient, gradient.result(), gradient.body(), build, span);
    Value result =
        build
            .builder()
            .add(new Call(top.name()), operands, List.of(forward, backward), top.name())
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
      all.binding().bind(params, given, own, build, span, top.name());
      List<Optional<TensorType>> declared = all.results().declared(result, own, build);
      Datum value =
          switch (body) {
            case Body.Single single ->
                all.expressions()
                    .eval(single.value(), own, build, declared.getFirst().orElse(null));
            case Body.Block block ->
                all.statements().run(block, own, build, declared.getFirst().orElse(null), null);
          };
      Datum checked = all.results().checked(result, declared, value, build, span);
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
