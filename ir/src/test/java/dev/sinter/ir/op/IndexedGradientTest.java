package dev.sinter.ir.op;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.GraphBuilder;
import dev.sinter.ir.Index;
import dev.sinter.ir.Node;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What the derivative of index notation looks like: where a read tells its reader, no scatter.
class IndexedGradientTest {
  private final Axis i = new Axis("%i", Dim.symbol("N"));
  private final Axis j = new Axis("%j", Dim.symbol("M"));
  private final Axis k = new Axis("%k", Dim.of(3));

  private static Elem read(int operand, Dim... at) {
    return Elem.read(operand, List.of(at));
  }

  private static Elem sum(Elem body, Axis... axes) {
    return new Elem.Reduce(Reducer.SUM, DType.F32, List.of(axes), body);
  }

  /// The op of the cotangent of operand 0.
  private static Derived derived(List<Axis> axes, Elem body, TensorType... operands) {
    GraphBuilder b = new GraphBuilder();
    List<Value> params = new ArrayList<>();
    for (TensorType type : operands) {
      params.add(b.parameter(type, "p" + params.size()));
    }
    Node node = b.add(new Comprehension(axes, body), params, List.of(), "y");
    Value dy = b.parameter(node.result().type(), "dy");
    List<@Nullable Value> dx = node.op().vjp(b, node, List.of(dy));
    Node made = Objects.requireNonNull(Objects.requireNonNull(dx.getFirst()).definer());
    return new Derived(made);
  }

  private record Derived(Node node) {
    String body() {
      return ((Comprehension) node.op()).body().toString();
    }
  }

  private static TensorType f32(Dim... shape) {
    return TensorType.of(DType.F32, shape);
  }

  @Test
  void aProductOfMatricesGivesAProductOfMatrices() {
    Elem body =
        sum(
            Elem.call(ScalarFn.MUL, read(0, i.index(), k.index()), read(1, k.index(), j.index())),
            k);
    assertThat(
            derived(List.of(i, j), body, f32(i.extent(), k.extent()), f32(k.extent(), j.extent()))
                .body())
        .matches(
            "sum<f32>\\{%\\d+ < M\\}\\(mul\\(\\$0\\[(%\\d+), (%\\d+)\\], \\$1\\[%\\d+,"
                + " \\2\\]\\)\\)");
  }

  @Test
  void neighboursAreFoundByTheDistance() {
    Elem body = sum(read(0, i.index().plus(k.index())), k);
    assertThat(derived(List.of(i), body, f32(i.extent().plus(2))).body())
        .contains("< 3}")
        .contains("lt(i64{%2 - %1}, i64{N})")
        .doesNotContain("eq(");
  }

  @Test
  void blocksAreFoundByDivision() {
    Elem body = sum(read(0, i.index().times(3).plus(k.index())), k);
    assertThat(derived(List.of(i), body, f32(i.extent().times(3))).body())
        .contains("floor(")
        .doesNotContain("sum");
  }

  @Test
  void placesThatAreValuesAreScattered() {
    Elem body =
        new Elem.Read(0, List.of(new Index.Computed(read(1, i.index())), new Index.At(j.index())));
    Node made =
        derived(
                List.of(i, j),
                body,
                f32(Dim.of(9), j.extent()),
                TensorType.of(DType.I32, i.extent()))
            .node();
    assertThat(made.op()).isInstanceOf(Accumulate.class);
  }
}
