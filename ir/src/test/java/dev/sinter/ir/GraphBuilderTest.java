package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.runtime.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphBuilderTest {
  @Test
  void aRegionInARegionTakesOnceWhatComesFromFurtherOut() {
    GraphBuilder b = new GraphBuilder();
    Value x = b.parameter(TensorType.of(DType.F32, 2), "x");
    GraphBuilder middle = b.nested();
    GraphBuilder inner = middle.nested();
    inner.use(x);
    // What the middle knows it as is the same to the inner one.
    List<Value> captured = inner.captured();
    Region region = inner.region(List.of(x), captured);
    assertThat(captured).containsExactly(middle.use(x));
    assertThat(region.params()).hasSize(1);
    assertThat(region.results()).isEqualTo(region.params());
    assertThat(middle.captured()).containsExactly(x);
  }
}
