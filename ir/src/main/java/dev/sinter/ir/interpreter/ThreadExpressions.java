package dev.sinter.ir.interpreter;

import dev.sinter.ir.Bindings;
import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Special;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.function.BiConsumer;

/// Works out what a register is defined as, true to each bit.
final class ThreadExpressions {
  private final ThreadRegisters registers;
  private final Bindings sizes;
  private final long block;
  private final BiConsumer<boolean[], String> together;

  /// @param block the block's number
  /// @param together demands that all threads reach what it names
  ThreadExpressions(
      ThreadRegisters registers,
      Bindings sizes,
      long block,
      BiConsumer<boolean[], String> together) {
    this.registers = registers;
    this.sizes = sizes;
    this.block = block;
    this.together = together;
  }

  /// Defines `to` in each active thread.
  void define(Register to, Expr value, boolean[] active) {
    Numbers out = registers.make(to);
    DType dtype = to.type().dtype();
    switch (value) {
      case Expr.Own(Special special) ->
          registers.each(active, t -> out.integers[t] = special == Special.THREAD ? t : block);
      case Expr.Size(String symbol) -> {
        long size = sizes.evaluate(Dim.symbol(symbol));
        registers.each(active, t -> out.integers[t] = size);
      }
      case Expr.Constant(var literal) ->
          registers.each(
              active,
              t -> {
                if (dtype.isFloat()) {
                  out.reals[t] = dtype.round(literal.real());
                } else {
                  out.integers[t] = literal.integer();
                }
              });
      case Expr.Apply(ScalarFn fn, List<Register> args) -> apply(fn, args, out, dtype, active);
      case Expr.Cast(RegisterType type, Register arg) ->
          cast(registers.get(arg), arg.type().dtype(), out, type.dtype(), active);
      case Expr.Bits(RegisterType type, Register arg) ->
          registers.each(
              active,
              t -> setBits(out, type.dtype(), t, bits(registers.get(arg), arg.type().dtype(), t)));
      case Expr.Shuffle(Register arg, int mask) -> {
        together.accept(active, "the shuffle");
        Numbers from = registers.get(arg);
        registers.each(
            active,
            t -> {
              if (dtype.isFloat()) {
                out.reals[t] = from.reals[t ^ mask];
              } else {
                out.integers[t] = from.integers[t ^ mask];
              }
            });
      }
    }
  }

  private void apply(ScalarFn fn, List<Register> args, Numbers out, DType dtype, boolean[] active) {
    DType type = args.getLast().type().dtype();
    Numbers[] from = args.stream().map(registers::get).toArray(Numbers[]::new);
    if (fn == ScalarFn.SELECT) {
      registers.each(
          active,
          t -> {
            Numbers side = from[0].integers[t] != 0 ? from[1] : from[2];
            if (dtype.isFloat()) {
              out.reals[t] = side.reals[t];
            } else {
              out.integers[t] = side.integers[t];
            }
          });
    } else if (type.isFloat()) {
      double[] x = new double[from.length];
      registers.each(
          active,
          t -> {
            for (int i = 0; i < x.length; i++) {
              x[i] = from[i].reals[t];
            }
            if (fn == ScalarFn.FMA && type == DType.F32) {
              // In f64 the sum of a product would be rounded twice.
              out.reals[t] = Math.fma((float) x[0], (float) x[1], (float) x[2]);
            } else if (dtype.isFloat()) {
              out.reals[t] = dtype.round(ScalarMath.apply(fn, type, x));
            } else {
              out.integers[t] = (long) ScalarMath.apply(fn, type, x);
            }
          });
    } else {
      long[] x = new long[from.length];
      registers.each(
          active,
          t -> {
            for (int i = 0; i < x.length; i++) {
              x[i] = from[i].integers[t];
            }
            out.integers[t] = ScalarMath.apply(fn, type, x);
          });
    }
  }

  private void cast(Numbers from, DType before, Numbers out, DType after, boolean[] active) {
    registers.each(
        active,
        t -> {
          if (after.isFloat()) {
            out.reals[t] =
                before.isFloat()
                    ? after.round(from.reals[t])
                    : ScalarMath.toReal(from.integers[t], before, after);
          } else {
            out.integers[t] =
                before.isFloat()
                    ? ScalarMath.toInteger(from.reals[t], after)
                    : after.wrap(from.integers[t]);
          }
        });
  }

  private static long bits(Numbers from, DType dtype, int t) {
    return switch (dtype) {
      case F32 -> Float.floatToRawIntBits((float) from.reals[t]);
      case F64 -> Double.doubleToRawLongBits(from.reals[t]);
      default -> from.integers[t];
    };
  }

  private static void setBits(Numbers out, DType dtype, int t, long bits) {
    switch (dtype) {
      case F32 -> out.reals[t] = Float.intBitsToFloat((int) bits);
      case F64 -> out.reals[t] = Double.longBitsToDouble(bits);
      default -> out.integers[t] = dtype.wrap(bits);
    }
  }
}
