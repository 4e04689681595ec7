package dev.sinter.onnx.export;

import dev.sinter.runtime.DType;

/// The random words of [dev.sinter.ir.ScalarFn#THREEFRY], whose `u32` are held in `i64`.
///
/// @param sink where nodes go
record Threefry(NodeSink sink) {
  private static final long[] ROTATIONS = {13, 15, 26, 6, 17, 29, 16, 24};
  private static final long PARITY = 0x1BD11BDAL;
  private static final long WORDS = 1L << 32;

  private Grid op(String opType, Grid... args) {
    return sink.apply(opType, DType.I64, args);
  }

  private Grid sum(Grid a, Grid b) {
    return op("Mod", op("Add", a, b), sink.integer(WORDS));
  }

  private Grid rotated(Grid x, long by) {
    Grid high = op("Mod", op("Mul", x, sink.integer(1L << by)), sink.integer(WORDS));
    return op("Add", high, op("Div", x, sink.integer(1L << (32 - by))));
  }

  /// The first word after 20 rounds.
  Grid word(Grid key0, Grid key1, Grid counter0, Grid counter1) {
    Grid parity = op("BitwiseXor", op("BitwiseXor", key0, key1), sink.integer(PARITY));
    Grid[] key = {key0, key1, parity};
    Grid x0 = sum(counter0, key0);
    Grid x1 = sum(counter1, key1);
    for (int round = 0; round < 20; round++) {
      x0 = sum(x0, x1);
      x1 = op("BitwiseXor", rotated(x1, ROTATIONS[round % 8]), x0);
      if (round % 4 == 3) {
        int injection = round / 4 + 1;
        x0 = sum(x0, key[injection % 3]);
        x1 = sum(x1, op("Add", key[(injection + 1) % 3], sink.integer(injection)));
      }
    }
    return x0;
  }
}
