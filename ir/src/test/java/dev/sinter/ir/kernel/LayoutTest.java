package dev.sinter.ir.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Where layouts put elements.
class LayoutTest {
  private static final long DEPTH = 5;

  private static long at(Dim dim, long lanes) {
    return dim.evaluate(
        symbol -> Objects.requireNonNull(Map.of(LoopKernel.LANES, lanes).get(symbol)));
  }

  @ParameterizedTest
  @CsvSource({"2, 1, 3", "2, 4, 37", "2, 16, 64", "4, 1, 3", "4, 4, 37", "4, 8, 32", "4, 16, 150"})
  void interleavedElementsAreFoundAgain(int vectors, long lanes, long columns) {
    Layout layout = new Layout.Interleaved(0, vectors, List.of(1));
    List<Dim> shape = List.of(Dim.of(columns), Dim.of(DEPTH));
    Map<Long, Long> places = new TreeMap<>();
    for (long column = 0; column < columns; column++) {
      for (long k = 0; k < DEPTH; k++) {
        long place = at(layout.offset(shape, List.of(Dim.of(column), Dim.of(k))), lanes);
        assertThat(places.put(place, column * DEPTH + k)).isNull();
        // All parts of an integer are of one lane, and integer `k` of a panel is of row `k`.
        long panel = column / (lanes * vectors);
        long lane = column % lanes;
        assertThat(place / vectors).isEqualTo((panel * DEPTH + k) * lanes + lane);
        assertThat(place % vectors).isEqualTo(column / lanes % vectors);
      }
    }
    long size = at(layout.size(shape), lanes);
    assertThat(places.keySet()).allMatch(place -> place >= 0 && place < size);
    long panels = (columns + lanes * vectors - 1) / (lanes * vectors);
    assertThat(size).isEqualTo(panels * lanes * vectors * DEPTH);
  }

  @Test
  void asManyElementsAreInterleavedAsFillAnInteger() {
    Layout.Interleaved floats = Layout.Interleaved.of(DType.F32, 1, List.of(0));
    assertThat(floats).isEqualTo(new Layout.Interleaved(1, 2, List.of(0)));
    assertThat(floats.storage(DType.F32)).isEqualTo(DType.BF16);
    Layout.Interleaved integers = Layout.Interleaved.of(DType.I8, 1, List.of(0));
    assertThat(integers).isEqualTo(new Layout.Interleaved(1, 4, List.of(0)));
    assertThat(integers.storage(DType.I8)).isEqualTo(DType.I8);
  }
}
