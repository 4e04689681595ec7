package dev.sinter.ir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Which types each function takes.
class ScalarFnTest {
  @ParameterizedTest
  @EnumSource
  void hasAMeaningForWhatItTakes(ScalarFn fn) {
    for (DType dtype : DType.values()) {
      if (!fn.takes(dtype)) {
        continue;
      }
      assertThatCode(
              () -> {
                if (dtype.isFloat()) {
                  ScalarMath.apply(fn, dtype, new double[] {1, 1, 1, 1});
                } else {
                  ScalarMath.apply(fn, dtype, new long[] {1, 1, 1, 1});
                }
              })
          .as("%s of %s", fn, dtype)
          .doesNotThrowAnyException();
      Pointwise.of(fn).infer(operands(fn, dtype), List.of());
    }
  }

  @ParameterizedTest
  @EnumSource
  void isRefusedForAllElseInWords(ScalarFn fn) {
    for (DType dtype : DType.values()) {
      if (fn.takes(dtype)) {
        continue;
      }
      assertThatThrownBy(() -> Pointwise.of(fn).infer(operands(fn, dtype), List.of()))
          .isInstanceOf(OpException.class)
          .hasMessageContaining(fn + " takes ")
          .hasMessageEndingWith("not " + dtype);
    }
  }

  @ParameterizedTest
  @EnumSource
  void rowsOfSeveralFunctionsTakeWhatAllOfThemTake(Pointwise row) {
    for (DType dtype : DType.values()) {
      List<TensorType> operands =
          row.fn() == null
              ? Collections.nCopies(row.arity(), TensorType.of(dtype, 3))
              : operands(row.fn(), dtype);
      Elem formula =
          row.formula(
              java.util.stream.IntStream.range(0, row.arity())
                  .mapToObj(i -> Elem.read(i, List.of()))
                  .toList(),
              dtype);
      assertThatCode(() -> row.infer(operands, List.of()))
          .as("%s of %s", row.mnemonic(), dtype)
          .satisfies(fault -> assertThat(fault == null).isEqualTo(takes(formula, operands)));
    }
  }

  private static boolean takes(Elem formula, List<TensorType> operands) {
    return switch (formula) {
      case Elem.Call(ScalarFn fn, List<Elem> args) ->
          args.stream().allMatch(arg -> takes(arg, operands))
              && fn.takes(args.getLast().dtype(operands));
      default -> true;
    };
  }

  private static List<TensorType> operands(ScalarFn fn, DType dtype) {
    List<TensorType> operands =
        new ArrayList<>(Collections.nCopies(fn.arity(), TensorType.of(dtype, 3)));
    if (fn == ScalarFn.SELECT) {
      operands.set(0, TensorType.of(DType.BOOL, 3));
    }
    return operands;
  }
}
