package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Argument;
import dev.sinter.dsl.ast.Body;
import dev.sinter.dsl.ast.Definition;
import dev.sinter.dsl.ast.Expr;
import dev.sinter.dsl.ast.Function;
import dev.sinter.dsl.ast.Item;
import dev.sinter.ir.ModelGraph;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/// What follows `with` in a `minimize`: stages that change all gradients, then an optimizer, whose
/// `fn` is evaluated once for each weight.
final class Optimizers {
  private final Elaboration all;

  Optimizers(Elaboration all) {
    this.all = all;
  }

  /// An optimizer with its arguments evaluated, and the stages before it.
  record Rule(Datum.Optimizer optimizer, List<Datum.Argued> arguments, List<Clip> clips) {}

  /// `clip_norm(1.0)` or `clip_value(0.5)`.
  ///
  /// @param norm whether the norm of all gradients together is limited, or each element
  record Clip(boolean norm, Value limit, Span span) {}

  /// What the expression after `with` means.
  Rule rule(Expr expr, Scope scope, Build build) {
    List<Expr> stages = expr instanceof Expr.Pipe pipe ? pipe.stages() : List.of(expr);
    List<Clip> clips = new ArrayList<>();
    for (Expr stage : stages.subList(0, stages.size() - 1)) {
      clips.add(clip(stage, scope, build));
    }
    Datum last = all.expressions().eval(stages.getLast(), scope, build);
    if (!(last instanceof Datum.Optimizer optimizer)) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_KIND,
                  stages.getLast().span(),
                  "expected an optimizer, found " + last.kind())
              .help("such as `Sgd(lr = 0.1, momentum = 0.9)` or `AdamW(lr = 1e-3)`"));
    }
    return new Rule(
        optimizer,
        all.expressions().arguments(optimizer.arguments(), optimizer.scope(), build),
        clips);
  }

  private Clip clip(Expr stage, Scope scope, Build build) {
    if (stage instanceof Expr.Call call
        && call.callee() instanceof Expr.Named named
        && List.of("clip_norm", "clip_value").contains(named.name().text())) {
      List<Argument> arguments = call.arguments();
      if (arguments.size() != 1) {
        throw Faults.of(
            DiagnosticCode.WRONG_ARGUMENTS,
            call.span(),
            "`" + named.name().text() + "` takes one number");
      }
      Expr limit = arguments.getFirst().value();
      Value value =
          Arithmetic.tensor(
              all.expressions().eval(limit, scope, build), DType.F32, limit.span(), build);
      return new Clip(named.name().text().equals("clip_norm"), value, call.span());
    }
    throw new Fault(
        Diagnostic.error(
                DiagnosticCode.WRONG_KIND,
                stage.span(),
                "`" + stage.span().text() + "` does not change gradients")
            .help("before an optimizer stands `clip_norm(1.0)` or `clip_value(0.5)`"));
  }

  /// The gradients after the stages before the optimizer.
  List<Value> clipped(List<Clip> clips, List<Value> gradients, Build build) {
    List<Value> out = gradients;
    for (Clip clip : clips) {
      out = clip.norm() ? byNorm(clip, out, build) : byValue(clip, out, build);
    }
    return out;
  }

  private static List<Value> byValue(Clip clip, List<Value> gradients, Build build) {
    Value low = apply(Pointwise.NEG, build, clip.span(), clip.limit());
    return gradients.stream()
        .map(g ->
            apply(
                Pointwise.MAX,
                build,
                clip.span(),
                apply(Pointwise.MIN, build, clip.span(), g, clip.limit()),
                low))
        .toList();
  }

  private static List<Value> byNorm(Clip clip, List<Value> gradients, Build build) {
    Span span = clip.span();
    List<Value> squares = new ArrayList<>();
    for (Value gradient : gradients) {
      Value square = apply(Pointwise.MUL, build, span, gradient, gradient);
      List<Integer> axes = IntStream.range(0, gradient.type().rank()).boxed().toList();
      squares.add(AxisReductions.reduce("sum", square, axes, build, span));
    }
    Value sum = squares.getFirst();
    for (Value square : squares.subList(1, squares.size())) {
      sum = apply(Pointwise.ADD, build, span, sum, square);
    }
    TensorType scalar = sum.type();
    // As PyTorch has it, so that a gradient of zero is left alone.
    Value norm =
        apply(
            Pointwise.ADD,
            build,
            span,
            apply(Pointwise.SQRT, build, span, sum),
            build.builder().fill(scalar, 1e-6));
    Value factor =
        apply(
            Pointwise.MIN,
            build,
            span,
            apply(Pointwise.DIV, build, span, clip.limit(), norm),
            build.builder().fill(scalar, 1.0));
    return gradients.stream().map(g -> apply(Pointwise.MUL, build, span, g, factor)).toList();
  }

  private static Value apply(Pointwise row, Build build, Span span, Value... operands) {
    return ((Datum.Tensor) Arithmetic.pointwise(row, List.of(operands), span, build)).value();
  }

  /// The new value of a weight. The optimizer's states become slots below `path`.
  Value updated(Rule rule, String path, Value weight, Value gradient, Build build, Span span) {
    Definition.Optimizer definition = rule.optimizer().definition();
    String name = definition.name().text();
    Scope own = rule.optimizer().home().inner();
    all.binding().bind(definition.params(), rule.arguments(), own, build, span, name);
    ModuleInstance instance = new ModuleInstance(name, path, own);
    Function function = null;
    for (Item item : definition.items()) {
      switch (item) {
        case Item.Method method when method.function().isCall() -> function = method.function();
        case Item.SizeAlias alias ->
            own.define(
                alias.name().text(),
                new Datum.Size(all.expressions().size(alias.value(), own, build)));
        case Item.State state -> {}
        default ->
            throw Faults.of(
                DiagnosticCode.MISPLACED_ITEM,
                item.span(),
                "an optimizer holds `state`s and one `fn (p, g)`");
      }
    }
    if (function == null || function.params().size() != 2) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_KIND,
                  definition.name().span(),
                  "the optimizer `" + name + "` has no `fn` of a weight and its gradient")
              .help("write `fn (p: f32[..S], g: f32[..S]) -> f32[..S] { ... }`"));
    }
    Scope inner = own.inner();
    all.binding()
        .bind(
            function.params(),
            List.of(
                new Datum.Argued("", new Datum.Tensor(weight), span),
                new Datum.Argued("", new Datum.Tensor(gradient), span)),
            inner,
            build,
            span,
            name);
    // The sizes of a slot are bound by the weight's type, so slots come after it.
    for (Item item : definition.items()) {
      if (item instanceof Item.State state) {
        slot(state, instance, inner, build);
      }
    }
    Scope body = inner.inner();
    Datum value =
        switch (function.body()) {
          case Body.Single single ->
              all.expressions().eval(single.value(), body, build, weight.type());
          case Body.Block block ->
              all.statements().run(block, body, build, weight.type(), instance);
        };
    Datum updated =
        all.results()
            .conform(
                value,
                weight.type(),
                build,
                "the weight that `" + name + "` gives",
                function.body().span(),
                function.result().span());
    return ((Datum.Tensor) updated).value();
  }

  private void slot(Item.State state, ModuleInstance instance, Scope inner, Build build) {
    String name = state.name().text();
    if (state.when() != null && !all.expressions().truth(state.when(), inner, build)) {
      inner.define(name, new Datum.Absent(name, state.when().span().text()));
      return;
    }
    TensorType type = all.types().resolve(state.type(), inner, build);
    String path = instance.path(name);
    all.parameters()
        .put(
            path,
            new ModelGraph.Parameter(
                path,
                type,
                all.items().initializer(state.initial(), type, inner),
                ModelGraph.Kind.SLOT));
    instance.tensors().put(name, new ModuleInstance.Tensorial(path, state, true));
    inner.define(name, new Datum.Parameter(path, Objects.requireNonNull(state.name()).span()));
  }
}
