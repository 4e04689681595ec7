package dev.sinter.ir.kernel;

import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A scalar function as steps over simpler ones, the same for one lane and for many, so that its
/// bits do not depend on the machine, the number of lanes, or the state of the JIT.
///
/// @param fn the function
/// @param dtype the type of its arguments and of its result
/// @param params the names of its arguments
/// @param steps locals, in order
/// @param result the value, over the locals and arguments
public record ScalarExpansion(
    ScalarFn fn, DType dtype, List<String> params, List<Statement.Let> steps, Expr result) {
  public ScalarExpansion {
    params = List.copyOf(params);
    steps = List.copyOf(steps);
  }

  /// The expansion of `fn`, if it has one.
  public static Optional<ScalarExpansion> of(ScalarFn fn) {
    return fn == ScalarFn.THREEFRY ? Optional.of(threefry()) : FloatFunctions.of(fn);
  }

  /// Whether the result is the one right answer, so that any other way to it is as good.
  public boolean isExact() {
    return switch (fn) {
      case SIGN, FLOOR, CEIL, ROUND, TRUNC, THREEFRY -> true;
      default -> false;
    };
  }

  /// Threefry-2x32 of 20 rounds; rotations and the parity constant are those of Salmon et al. 2011.
  private static ScalarExpansion threefry() {
    int[] rotations = {13, 15, 26, 6, 17, 29, 16, 24};
    List<Statement.Let> steps = new ArrayList<>();
    Expr[] key = {new Expr.Local("key0"), new Expr.Local("key1"), new Expr.Local("key2")};
    Expr parity = apply(ScalarFn.XOR, apply(ScalarFn.XOR, key[0], key[1]), u32(0x1BD11BDAL));
    steps.add(new Statement.Let("key2", new LoopKernel.Type(DType.U32, false), parity));
    Expr x = word(steps, "x", apply(ScalarFn.ADD, new Expr.Local("counter0"), key[0]));
    Expr y = word(steps, "y", apply(ScalarFn.ADD, new Expr.Local("counter1"), key[1]));
    for (int round = 1; round <= 20; round++) {
      int left = rotations[(round - 1) % 8];
      x = word(steps, "x", apply(ScalarFn.ADD, x, y));
      Expr turned =
          apply(
              ScalarFn.OR,
              apply(ScalarFn.SHL, y, u32(left)),
              apply(ScalarFn.SHR, y, u32(32 - left)));
      y = word(steps, "y", apply(ScalarFn.XOR, turned, x));
      if (round % 4 == 0) {
        int turn = round / 4;
        x = word(steps, "x", apply(ScalarFn.ADD, x, key[turn % 3]));
        Expr next = apply(ScalarFn.ADD, key[(turn + 1) % 3], u32(turn));
        y = word(steps, "y", apply(ScalarFn.ADD, y, next));
      }
    }
    return new ScalarExpansion(
        ScalarFn.THREEFRY, DType.U32, List.of("key0", "key1", "counter0", "counter1"), steps, x);
  }

  private static Expr word(List<Statement.Let> steps, String base, Expr value) {
    String name = base + steps.size();
    steps.add(new Statement.Let(name, new LoopKernel.Type(DType.U32, false), value));
    return new Expr.Local(name);
  }

  private static Expr apply(ScalarFn fn, Expr... args) {
    return new Expr.Apply(fn, List.of(args));
  }

  private static Expr u32(long value) {
    return new Expr.Constant((Elem.Literal) Elem.literal(DType.U32, value));
  }
}
