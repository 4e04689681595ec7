package dev.sinter.ir.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Pointwise;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.Region;
import dev.sinter.ir.ReverseMode;
import dev.sinter.ir.Value;
import dev.sinter.ir.interpreter.Interpreter;
import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Directional derivatives of regions against differences.
final class Gradients {
  private static final double STEP = 3e-4;

  private Gradients() {}

  static List<Tensor> run(Region region, List<Tensor> inputs) {
    List<String> names = IntStream.range(0, inputs.size()).mapToObj(i -> "input " + i).toList();
    Bindings bindings =
        Bindings.of(
            names,
            region.params().stream().map(Value::type).toList(),
            inputs.stream().map(Tensor::shape).toList());
    return Interpreter.exact().run(region, inputs, bindings);
  }

  /// The sum of all float results, each element times a weight of its own.
  static Region weighted(Region region) {
    GraphBuilder b = new GraphBuilder();
    List<Value> params =
        region.params().stream().map(p -> b.parameter(p.type(), p.name())).toList();
    Value loss = b.fill(OpCase.f64(), 0);
    for (Value result : b.inline(region, params)) {
      if (result.type().dtype().isFloat()) {
        Value sum = dot(b, result, weights(b, result));
        loss = b.add(Pointwise.ADD, loss, Cast.to(b, sum, DType.F64));
      }
    }
    return b.region(List.of(loss));
  }

  private static Value dot(GraphBuilder b, Value x, Value y) {
    List<Integer> axes = IntStream.range(0, x.type().rank()).boxed().toList();
    Value product = b.add(Pointwise.MUL, x, y);
    return axes.isEmpty() ? product : Reduce.of(b, Reducer.SUM, axes, product);
  }

  /// Numbers that differ from element to element.
  private static Value weights(GraphBuilder b, Value like) {
    Value sum = b.fill(like.type(), 0.7);
    for (int axis = 0; axis < like.type().rank(); axis++) {
      Value count = b.add(new Iota(like.type().dtype(), axis, like.type().shape()));
      Value angle = b.add(Pointwise.MUL, count, b.fill(like.type(), 1.3 + axis));
      sum = b.add(Pointwise.ADD, sum, b.add(Pointwise.SIN, angle));
    }
    return sum;
  }

  /// The weights of a vector's elements in [#weighted].
  static double[] weights(int size) {
    return Nd.of(new long[] {size}, at -> 0.7 + Math.sin(1.3 * at[0]));
  }

  /// From the inputs to the derivatives of a scalar by those that are floats.
  static Region gradient(Region scalar) {
    GraphBuilder b = new GraphBuilder();
    List<Value> params =
        scalar.params().stream().map(p -> b.parameter(p.type(), p.name())).toList();
    Value loss = b.inline(scalar, params).getFirst();
    List<Value> sources = params.stream().filter(p -> p.type().dtype().isFloat()).toList();
    ReverseMode sweep = new ReverseMode(b);
    sweep.accumulate(loss, b.fill(loss.type(), 1));
    sweep.sweep(b.nodes(), sources);
    List<Value> out = new ArrayList<>();
    for (Value source : sources) {
      @Nullable Value d = sweep.cotangent(source);
      out.add(d == null ? b.fill(source.type(), 0) : d);
    }
    return b.region(out);
  }

  /// Compares 8 random directional derivatives of `scalar` with differences of fourth order.
  static void check(Region scalar, List<Tensor> inputs) {
    List<Tensor> gradient = run(gradient(scalar), inputs);
    double norm = 0;
    for (Tensor g : gradient) {
      for (double x : g.toDoubleArray()) {
        norm += x * x;
      }
    }
    norm = Math.sqrt(norm);
    assertThat(norm).isFinite();
    Random random = new Random(5);
    for (int i = 0; i < 8; i++) {
      List<Tensor> direction = new ArrayList<>();
      double d = 0;
      int next = 0;
      for (Tensor input : inputs) {
        Tensor v = Tensor.zeros(DType.F64, input.shape());
        if (input.dtype().isFloat()) {
          Tensor g = gradient.get(next++);
          for (long e = 0; e < v.size(); e++) {
            v.setDouble(e, random.nextGaussian());
            d += v.getDouble(e) * g.getDouble(e);
          }
        }
        direction.add(v);
      }
      double near = difference(scalar, inputs, direction, STEP);
      double far = difference(scalar, inputs, direction, 2 * STEP);
      double fd = (8 * near - far) / (12 * STEP);
      double bound = 1e-6 * Math.max(Math.max(Math.abs(d), Math.abs(fd)), 1e-3 * norm);
      assertThat(Math.abs(d - fd))
          .as("derivative %s, difference %s", d, fd)
          .isLessThanOrEqualTo(bound);
    }
  }

  private static double difference(
      Region scalar, List<Tensor> inputs, List<Tensor> direction, double step) {
    return run(scalar, moved(inputs, direction, step)).getFirst().getDouble(0)
        - run(scalar, moved(inputs, direction, -step)).getFirst().getDouble(0);
  }

  private static List<Tensor> moved(List<Tensor> inputs, List<Tensor> direction, double step) {
    List<Tensor> out = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      Tensor copy = inputs.get(i).copy();
      if (copy.dtype().isFloat()) {
        for (long e = 0; e < copy.size(); e++) {
          copy.setDouble(e, copy.getDouble(e) + step * direction.get(i).getDouble(e));
        }
      }
      out.add(copy);
    }
    return out;
  }
}
