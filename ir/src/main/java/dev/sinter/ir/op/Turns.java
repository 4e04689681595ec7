package dev.sinter.ir.op;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.runtime.DType;
import java.util.function.IntFunction;

/// What is made in turns in different ways, chosen where the turn is known.
final class Turns {
  private Turns() {}

  /// The element that `ways` makes for the turn.
  ///
  /// @param turn whose turn it is, below `count`
  static Elem of(Dim turn, int count, IntFunction<Elem> ways) {
    if (turn.isConstant()) {
      return ways.apply(Math.toIntExact(turn.constant()));
    }
    Elem elem = ways.apply(count - 1);
    for (int i = count - 2; i >= 0; i--) {
      Elem isFirst =
          Elem.call(
              ScalarFn.LT,
              new Elem.IndexValue(DType.I64, turn),
              new Elem.IndexValue(DType.I64, Dim.of(i + 1)));
      elem = Elem.call(ScalarFn.SELECT, isFirst, ways.apply(i), elem);
    }
    return elem;
  }
}
