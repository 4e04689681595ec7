package dev.sinter.codegen.ptx;

import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.TileBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Pointwise kernels of random functions, each step kept small enough to be compared.
final class RandomChain {
  private static final ScalarFn[] UNARY = {
    ScalarFn.NEG, ScalarFn.ABS, ScalarFn.TANH, ScalarFn.ERF, ScalarFn.SIGN
  };
  private static final ScalarFn[] BINARY = {
    ScalarFn.ADD, ScalarFn.SUB, ScalarFn.MUL, ScalarFn.MAX, ScalarFn.MIN
  };

  private RandomChain() {}

  /// The kernel of this seed; its tensors are whole, rows, columns or transposed.
  static TileKernel kernel(long seed, Dim rows, Dim columns) {
    Random random = new Random(seed);
    TileBuilder s = new TileBuilder("chain" + seed);
    int whole = s.buffer("whole", DType.F32, rows, columns);
    int row = s.buffer("row", DType.F32, columns);
    int column = s.buffer("column", DType.F32, rows);
    int turned = s.buffer("turned", DType.F32, columns, rows);
    int mask = s.buffer("mask", DType.BOOL, rows, columns);
    int numbers = s.buffer("numbers", DType.I32, rows, columns);
    int y = s.buffer("y", DType.F32, rows, columns);
    Dim i = s.axis(rows);
    Dim j = s.axis(columns);
    List<Integer> values = new ArrayList<>();
    values.add(s.load(whole, i, j));
    boolean flat = random.nextInt(3) == 0;
    if (!flat) {
      values.add(s.load(row, j));
      values.add(s.load(column, i));
      values.add(s.load(turned, j, i));
    }
    int three = s.constant(DType.I32, random.nextInt(7) - 3);
    int n = s.load(numbers, i, j);
    int d = s.apply(random.nextBoolean() ? ScalarFn.DIV : ScalarFn.REM, n, three);
    values.add(s.cast(DType.F32, d));
    for (int step = 0; step < 8; step++) {
      int a = values.get(random.nextInt(values.size()));
      int b = values.get(random.nextInt(values.size()));
      int next =
          switch (random.nextInt(4)) {
            case 0 -> s.apply(UNARY[random.nextInt(UNARY.length)], a);
            case 1 -> s.apply(ScalarFn.SELECT, s.load(mask, i, j), a, b);
            case 2 -> s.apply(ScalarFn.EXP, s.apply(ScalarFn.MIN, a, s.constant(DType.F32, 1)));
            default -> s.apply(BINARY[random.nextInt(BINARY.length)], a, b);
          };
      // What grows would only compare rounding with rounding.
      values.add(
          s.apply(
              ScalarFn.MAX,
              s.constant(DType.F32, -9),
              s.apply(ScalarFn.MIN, next, s.constant(DType.F32, 9))));
    }
    return s.store(y, values.getLast(), i, j).build();
  }
}
