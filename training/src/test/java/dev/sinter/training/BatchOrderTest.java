package dev.sinter.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchOrderTest {
  @Test
  void walksEveryExampleOnce() {
    int[] order = BatchOrder.of(1000, 3, 5);
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    assertThat(sorted).isEqualTo(IntStream.range(0, 1000).toArray());
    assertThat(order).isNotEqualTo(sorted);
  }

  @Test
  void dependsOnSeedAndEpochAndNothingElse() {
    assertThat(BatchOrder.of(100, 3, 5)).isEqualTo(BatchOrder.of(100, 3, 5));
    assertThat(BatchOrder.of(100, 3, 6)).isNotEqualTo(BatchOrder.of(100, 3, 5));
    assertThat(BatchOrder.of(100, 4, 5)).isNotEqualTo(BatchOrder.of(100, 3, 5));
  }

  @Test
  void isTheSameOnEveryMachine() {
    // Another order would change what every seed gives, and end resumed trainings otherwise.
    assertThat(BatchOrder.of(8, 1, 1)).containsExactly(6, 3, 5, 0, 4, 2, 7, 1);
  }
}
