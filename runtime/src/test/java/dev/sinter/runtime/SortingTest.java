package dev.sinter.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SortingTest {
  private static void sort(Tensor x, Tensor values, Tensor positions, int parts) {
    long row = x.dim(x.rank() - 1);
    for (int part = parts - 1; part >= 0; part--) {
      Sorting.descending(
          x.dtype(),
          x.memory(),
          0,
          values.memory(),
          0,
          positions.memory(),
          0,
          x.size() / row,
          row,
          part,
          parts);
    }
  }

  @Test
  void putsNaNFirstAndKeepsEqualOnesInOrder() {
    double nan = Double.NaN;
    Tensor x = Tensor.of(DType.F32, new double[] {0.0, nan, 2, -0.0, nan, -7, 2}, 7);
    Tensor values = Tensor.zeros(DType.F32, 7);
    Tensor positions = Tensor.zeros(DType.I64, 7);
    sort(x, values, positions, 1);
    assertThat(positions.toLongArray()).containsExactly(1, 4, 2, 6, 0, 3, 5);
    assertThat(values.toDoubleArray()).containsExactly(nan, nan, 2, 2, 0.0, -0.0, -7);
  }

  @ParameterizedTest
  @EnumSource
  void sortsRowsOfEveryTypeInAnyNumberOfParts(DType dtype) {
    Random random = new Random(3);
    for (int row : new int[] {1, 2, 7, 33}) {
      Tensor x = Tensor.zeros(dtype, 5, row);
      for (long i = 0; i < x.size(); i++) {
        if (dtype.isFloat()) {
          x.setDouble(i, random.nextInt(-9, 9) / 2.0);
        } else {
          x.setLong(i, random.nextInt(4) == 0 ? random.nextLong() : random.nextInt(-9, 9));
        }
      }
      for (int parts : new int[] {1, 3}) {
        Tensor values = Tensor.zeros(dtype, 5, row);
        Tensor positions = Tensor.zeros(DType.I64, 5, row);
        sort(x, values, positions, parts);
        for (int r = 0; r < 5; r++) {
          long first = (long) r * row;
          Integer[] expected = new Integer[row];
          Arrays.setAll(expected, i -> i);
          Arrays.sort(expected, descending(x, first));
          for (int i = 0; i < row; i++) {
            assertThat(positions.getLong(first + i)).isEqualTo(expected[i].longValue());
            assertThat(values.getDouble(first + i)).isEqualTo(x.getDouble(first + expected[i]));
          }
        }
      }
    }
  }

  private static Comparator<Integer> descending(Tensor x, long first) {
    return (a, b) ->
        switch (x.dtype().kind()) {
          case FLOAT -> Double.compare(x.getDouble(first + b), x.getDouble(first + a));
          case SIGNED, BOOL -> Long.compare(x.getLong(first + b), x.getLong(first + a));
          case UNSIGNED -> Long.compareUnsigned(x.getLong(first + b), x.getLong(first + a));
        };
  }
}
