package dev.sinter.codegen.java.kernel;

import static dev.sinter.runtime.DType.BOOL;
import static dev.sinter.runtime.DType.F32;
import static dev.sinter.runtime.DType.F64;
import static dev.sinter.runtime.DType.I32;
import static dev.sinter.runtime.DType.I64;
import static dev.sinter.runtime.DType.U32;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.CpuTier;
import dev.sinter.ir.kernel.Layout;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernelPrinter;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.passes.cpu.Schedules;
import dev.sinter.runtime.DType;
import dev.sinter.testkit.TileBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class KernelEmitterTest {
  private static final Dim M = Dim.symbol("M");
  private static final Dim N = Dim.symbol("N");

  @Test
  void addsAndScales() {
    TileBuilder t = new TileBuilder("axpy");
    int x = t.buffer("x", F32, M, N);
    int y = t.buffer("y", F32, M, N);
    Dim row = t.axis(M);
    Dim col = t.axis(N);
    int scaled = t.apply(ScalarFn.MUL, t.load(x, row, col), t.constant(F32, 2.5));
    t.store(y, t.apply(ScalarFn.ADD, scaled, t.load(y, row, col)), row, col);
    KernelCheck.check(t.build(), Map.of("M", 5L, "N", 37L), 1e-6);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "8,32,16", "13,37,29", "24,16,33", "3,100,5"})
  void multipliesMatrices(long m, long n, long k) {
    TileBuilder t = new TileBuilder("linear");
    Dim rows = Dim.of(m);
    Dim cols = Dim.of(n);
    Dim depth = Dim.of(k);
    int a = t.buffer("x", F32, rows, depth);
    int b = t.buffer("weight", F32, depth, cols);
    int bias = t.buffer("bias", F32, cols);
    int c = t.buffer("y", F32, rows, cols);
    Dim row = t.axis(rows);
    Dim col = t.axis(cols);
    Dim inner = t.axis(depth);
    int product = t.apply(ScalarFn.MUL, t.load(a, row, inner), t.load(b, inner, col));
    int sum = t.reduce(Reducer.SUM, F32, product, inner);
    int shifted = t.apply(ScalarFn.ADD, sum, t.load(bias, col));
    t.store(c, t.apply(ScalarFn.MAX, shifted, t.constant(F32, 0)), row, col);
    KernelCheck.check(t.build(), Map.of(), 1e-5);
  }

  /// What a model calls its sizes is no loop's business, and the other way round.
  @ParameterizedTest
  @CsvSource({
    "row,col,k",
    "panel,tile,tile_1",
    "from,to,last",
    "part,parts,lanes",
    "full,rest,turns",
    "i,x,y"
  })
  void takesSizesThatAreCalledAsItsLoopsAre(String m, String n, String k) {
    TileKernel kernel =
        product("named", Dim.symbol(m), Dim.symbol(k), Dim.symbol(n), Layout.rowMajor(2));
    KernelCheck.check(kernel, Map.of(m, 7L, n, 19L, k, 5L), 1e-5);
  }

  /// The turn of a loop is a size as well; what is computed once for all does not hide it.
  @Test
  void readsAndWritesTheSliceOfATurn() {
    TileBuilder t = new TileBuilder("slice");
    Dim turn = Dim.symbol("turn");
    int a = t.buffer("x", F32, M);
    int b = t.buffer("y", F32, M);
    t.store(b, t.apply(ScalarFn.NEG, t.load(a, turn)), turn);
    KernelCheck.check(t.build(), Map.of("M", 4L, "turn", 2L), 0);
  }

  @Test
  void multipliesByPackedPanels() {
    Layout panels =
        new Layout.Panels(1, Dim.symbol(LoopKernel.LANES).times(2), List.of(), List.of(0));
    TileKernel kernel = product("packed", M, Dim.of(19), Dim.of(75), panels);
    KernelCheck.check(kernel, Map.of("M", 21L), 1e-5);
  }

  /// `x[rows, depth]` times `w[depth, cols]`, which lies as `layout` says.
  private static TileKernel product(String name, Dim rows, Dim depth, Dim cols, Layout layout) {
    TileBuilder t = new TileBuilder(name);
    int a = t.buffer("x", F32, rows, depth);
    int b = t.buffer("w", layout, F32, depth, cols);
    int c = t.buffer("y", F32, rows, cols);
    Dim row = t.axis(rows);
    Dim col = t.axis(cols);
    Dim inner = t.axis(depth);
    int product = t.apply(ScalarFn.MUL, t.load(a, row, inner), t.load(b, inner, col));
    t.store(c, t.reduce(Reducer.SUM, F32, product, inner), row, col);
    return t.build();
  }

  @ParameterizedTest
  @CsvSource({"1,5,9", "9,11,40", "3,1,16", "17,2,7"})
  void multipliesByTransposed(long m, long n, long k) {
    TileBuilder t = new TileBuilder("scores");
    Dim depth = Dim.of(k);
    int a = t.buffer("q", F32, M, depth);
    int b = t.buffer("k", F32, N, depth);
    int c = t.buffer("scores", F32, M, N);
    Dim row = t.axis(M);
    Dim col = t.axis(N);
    Dim inner = t.axis(depth);
    int product = t.apply(ScalarFn.MUL, t.load(a, row, inner), t.load(b, col, inner));
    t.store(c, t.reduce(Reducer.SUM, F32, product, inner), row, col);
    KernelCheck.check(t.build(), Map.of("M", m, "N", n), 1e-5);
  }

  /// A squeeze: both the values and their sums over the places, with channels last.
  @ParameterizedTest
  @CsvSource({"1,7,24", "2,1,5", "3,9,64"})
  void storesWhatItAddsUpWithTheLanesAlongTheChannels(long n, long places, long channels) {
    TileBuilder t = new TileBuilder("squeeze");
    Dim depth = Dim.of(channels);
    int x = t.buffer("x", F32, N, M, depth);
    int y = t.buffer("y", F32, N, M, depth);
    int m = t.buffer("m", F32, N, depth);
    Dim batch = t.axis(N);
    Dim place = t.axis(M);
    Dim channel = t.axis(depth);
    int made = t.apply(ScalarFn.TANH, t.load(x, batch, place, channel));
    t.store(y, made, batch, place, channel);
    t.store(m, t.reduce(Reducer.SUM, F32, made, place), batch, channel);
    TileKernel kernel = t.build();
    String loops = LoopKernelPrinter.print(Schedules.lower(kernel, CpuTier.REGISTERS_16));
    assertThat(loops).contains("vector(0").doesNotContain("load(0");
    KernelCheck.check(kernel, Map.of("N", n, "M", places), 1e-5);
  }

  @ParameterizedTest
  @CsvSource({"6,20,3", "5,1,3", "15,6,1", "9,20,1"})
  void convolvesInChannelsLast(long w, long out, long channels) {
    TileBuilder t = new TileBuilder("conv");
    Dim width = Dim.of(w);
    Dim in = Dim.of(channels);
    Dim filters = Dim.of(out);
    int x = t.buffer("x", F32, Dim.of(2), width.plus(2), width.plus(2), in);
    int f = t.buffer("filter", F32, Dim.of(3), Dim.of(3), in, filters);
    int y = t.buffer("y", F32, Dim.of(2), width, width, filters);
    Dim image = t.axis(Dim.of(2));
    Dim row = t.axis(width);
    Dim col = t.axis(width);
    Dim filter = t.axis(filters);
    Dim ky = t.axis(Dim.of(3));
    Dim kx = t.axis(Dim.of(3));
    Dim c = t.axis(in);
    int product =
        t.apply(
            ScalarFn.MUL,
            t.load(x, image, row.plus(ky), col.plus(kx), c),
            t.load(f, ky, kx, c, filter));
    int sum = t.reduce(Reducer.SUM, F32, product, ky, kx, c);
    t.store(y, sum, image, row, col, filter);
    KernelCheck.check(t.build(), Map.of(), 1e-5);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "4,64", "3,101", "2,7"})
  void normalisesRowsBySoftmax(long m, long n) {
    TileBuilder t = new TileBuilder("softmax");
    int x = t.buffer("x", F32, M, N);
    int y = t.buffer("y", F32, M, N);
    Dim row = t.axis(M);
    Dim col = t.axis(N);
    int in = t.load(x, row, col);
    int max = t.reduce(Reducer.MAX, F32, in, col);
    int e = t.apply(ScalarFn.EXP, t.apply(ScalarFn.SUB, in, max));
    int sum = t.reduce(Reducer.SUM, F32, e, col);
    t.store(y, t.apply(ScalarFn.DIV, e, sum), row, col);
    KernelCheck.check(t.build(), Map.of("M", m, "N", n), 1e-6);
  }

  @Test
  void sumsColumnsAndEverything() {
    TileBuilder t = new TileBuilder("columns");
    int x = t.buffer("x", F32, M, N);
    int y = t.buffer("sums", F32, N);
    Dim row = t.axis(M);
    Dim col = t.axis(N);
    t.store(y, t.reduce(Reducer.SUM, F32, t.load(x, row, col), row), col);
    KernelCheck.check(t.build(), Map.of("M", 33L, "N", 41L), 1e-5);

    TileBuilder all = new TileBuilder("loss");
    int z = all.buffer("x", F32, M, N);
    int loss = all.buffer("loss", F32);
    Dim i = all.axis(M);
    Dim j = all.axis(N);
    int value = all.load(z, i, j);
    int square = all.apply(ScalarFn.MUL, value, value);
    all.store(loss, all.reduce(Reducer.SUM, F32, square, i, j));
    KernelCheck.check(all.build(), Map.of("M", 33L, "N", 41L), 1e-5);
  }

  @Test
  void readsOnlyWhereTheGuardHolds() {
    TileBuilder t = new TileBuilder("pad");
    int x = t.buffer("x", F32, N);
    int y = t.buffer("y", F32, N.plus(3));
    Dim i = t.axis(N.plus(3));
    int at = t.index(I64, i.minus(2));
    int inside =
        t.apply(
            ScalarFn.AND,
            t.apply(ScalarFn.GE, at, t.constant(I64, 0)),
            t.apply(ScalarFn.LT, at, t.index(I64, N)));
    t.store(y, t.guarded(inside, x, i.minus(2)), i);
    KernelCheck.check(t.build(), Map.of("N", 20L), 0);
  }

  /// The loops of the sum are one, whose turn reads the index that the operand's place is made of.
  @Test
  void sumsProductsOfGatheredRowsInOneLoop() {
    TileBuilder t = new TileBuilder("gathered");
    int x = t.buffer("x", F32, Dim.of(11), Dim.of(4), Dim.of(64));
    int ids = t.buffer("ids", I64, Dim.of(3));
    int w = t.buffer("w", F32, Dim.of(32), Dim.of(3), Dim.of(4));
    int y = t.buffer("y", F32, Dim.of(32), Dim.of(64));
    Dim row = t.axis(Dim.of(32));
    Dim col = t.axis(Dim.of(64));
    Dim j = t.axis(Dim.of(3));
    Dim k = t.axis(Dim.of(4));
    int product = t.apply(ScalarFn.MUL, t.gather(x, t.load(ids, j), k, col), t.load(w, row, j, k));
    t.store(y, t.reduce(Reducer.SUM, F32, product, j, k), row, col);
    KernelCheck.check(t.build(), Map.of(), 1e-5);
  }

  /// A loop with two sums is no method of its own; what reads one of them is behind another loop,
  /// which is, among what threads share.
  @Test
  void keepsASumThatOnlyASharedLoopReads() {
    TileBuilder t = new TileBuilder("softmaxLessSum");
    int x = t.buffer("x", F32, N);
    int d = t.buffer("d", F32, N);
    int y = t.buffer("y", F32, N);
    Dim i = t.axis(N);
    Dim j = t.axis(N);
    int most = t.reduce(Reducer.MAX, F32, t.load(x, j), j);
    int sum = t.reduce(Reducer.SUM, F32, t.load(d, j), j);
    int each = t.apply(ScalarFn.EXP, t.apply(ScalarFn.SUB, t.load(x, j), most));
    int all = t.reduce(Reducer.SUM, F32, each, j);
    int own = t.apply(ScalarFn.EXP, t.apply(ScalarFn.SUB, t.load(x, i), most));
    int part = t.apply(ScalarFn.DIV, own, all);
    t.store(y, t.apply(ScalarFn.SUB, part, sum), i);
    KernelCheck.check(t.build(), Map.of("N", 181L), 1e-4);
  }

  @Test
  void gathersAndScatters() {
    TileBuilder t = new TileBuilder("embedding");
    int table = t.buffer("table", F32, Dim.of(11), N);
    int ids = t.buffer("ids", I64, M);
    int y = t.buffer("y", F32, M, N);
    Dim row = t.axis(M);
    Dim col = t.axis(N);
    t.store(y, t.gather(table, t.load(ids, row), col), row, col);
    KernelCheck.check(t.build(), Map.of("M", 9L, "N", 18L), 0);

    TileBuilder s = new TileBuilder("embeddingGradient");
    int grad = s.buffer("grad", F32, Dim.of(11), N);
    int rows = s.buffer("ids", I64, M);
    int dy = s.buffer("dy", F32, M, N);
    Dim i = s.axis(M);
    Dim j = s.axis(N);
    int id = s.load(rows, i);
    s.scatter(Reducer.SUM, grad, s.load(dy, i, j), id, j);
    KernelCheck.check(s.build(), Map.of("M", 9L, "N", 18L), 1e-6);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void loadsAndStoresEveryDtype(DType dtype) {
    TileBuilder t = new TileBuilder("copy");
    int x = t.buffer("x", dtype, N);
    int y = t.buffer("y", dtype, N);
    int z = t.buffer("z", F64, N);
    Dim i = t.axis(N);
    int value = t.load(x, i);
    int changed =
        dtype == BOOL
            ? t.apply(ScalarFn.NOT, value)
            : t.apply(ScalarFn.ADD, t.apply(ScalarFn.MUL, value, value), value);
    t.store(y, changed, i);
    t.store(z, t.cast(F64, value), i);
    KernelCheck.check(t.build(), Map.of("N", 51L), dtype.isFloat() ? 0x1p-7 : 0);
  }

  @ParameterizedTest
  @EnumSource(DType.class)
  void convertsToAndFromEveryDtype(DType dtype) {
    TileBuilder t = new TileBuilder("convert");
    Dim i = t.axis(N);
    for (DType from : List.of(F32, F64, I32, I64, U32, DType.U64, DType.I8, BOOL)) {
      int x = t.buffer("x", from, N);
      int y = t.buffer("y", dtype, N);
      t.store(y, t.cast(dtype, t.load(x, i)), i);
    }
    KernelCheck.check(t.build(), Map.of("N", 50L), 0);
  }

  @Test
  void drawsRandomWords() {
    TileBuilder t = new TileBuilder("random");
    int key = t.buffer("key", U32, Dim.of(2));
    int y = t.buffer("y", U32, N);
    Dim i = t.axis(N);
    int word =
        t.apply(
            ScalarFn.THREEFRY,
            t.load(key, Dim.ZERO),
            t.load(key, Dim.ONE),
            t.index(U32, i),
            t.constant(U32, 0));
    t.store(y, word, i);
    KernelCheck.check(t.build(), Map.of("N", 45L), 0);
  }
}
