package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.ShapeException;
import java.util.List;
import org.junit.jupiter.api.Test;

class BindingsTest {
  private static final Dim N = Dim.symbol("N");
  private static final Dim H = Dim.symbol("H");

  private static Bindings bind(List<TensorType> types, long[]... shapes) {
    List<String> names =
        java.util.stream.IntStream.range(0, types.size()).mapToObj(i -> "x" + i).toList();
    return Bindings.of(names, types, List.of(shapes));
  }

  @Test
  void findsSymbolsInSumsAndProducts() {
    TensorType product = TensorType.of(DType.F32, N.times(H).plus(1), H.floorDiv(2));
    TensorType linear = TensorType.of(DType.F32, H.times(2).minus(1));
    Bindings bindings = bind(List.of(product, linear), new long[] {16, 2}, new long[] {9});
    assertThat(bindings.values()).containsEntry("H", 5L).containsEntry("N", 3L);
    assertThat(bindings.evaluate(N.plus(H))).isEqualTo(8);
  }

  @Test
  void refusesShapesThatDisagree() {
    TensorType square = TensorType.of(DType.F32, N, N);
    assertThatThrownBy(() -> bind(List.of(square), new long[] {2, 3}))
        .isInstanceOf(ShapeException.class)
        .hasMessageContaining("x0 is f32[N, N]");
    assertThatThrownBy(() -> bind(List.of(square), new long[] {2}))
        .isInstanceOf(ShapeException.class);
    TensorType even = TensorType.of(DType.F32, N.times(2));
    assertThatThrownBy(() -> bind(List.of(even), new long[] {3}))
        .isInstanceOf(ShapeException.class);
  }

  @Test
  void checksFacts() {
    Bindings three = bind(List.of(TensorType.of(DType.F32, N)), new long[] {3});
    three.check(Facts.NONE);
    Facts even = new Facts(List.of(new Facts.Fact.Divides(Dim.of(2), N)), List.of());
    assertThatThrownBy(() -> three.check(even)).isInstanceOf(ShapeException.class);
    Bindings none = bind(List.of(TensorType.of(DType.F32, N)), new long[] {0});
    assertThatThrownBy(() -> none.check(Facts.NONE)).isInstanceOf(ShapeException.class);
    none.check(new Facts(List.of(new Facts.Fact.AtLeast(N, Dim.ZERO)), List.of()));
  }
}
