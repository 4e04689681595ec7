package dev.sinter.ir.kernel;

import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.ThreadKernel.Transfer;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The text form of a [ThreadKernel], one step a line; [ThreadKernelParser] reads it back:
///
/// ```
/// threads scale {
///   buffer x f32 [N]
///   size N
///   grid (floor((N + 127) / 128)) of 128
///   shared tile f32 64
///   %0 i32 = own thread
///   %1 f32 = load global 0 [%0 + 0] if %9
///   %2 f32 = apply mul %1 %1
///   for %3 i32 = %4 to %5 by 32 {
///     carry %6 f32 = %2 then %7 gives %8
///     %7 f32 = apply add %6 %1
///   }
///   %10 token = copies {
///     shared 0 [%0 + 0] from global 0 [%0 + 0] of 1 if %9
///   }
///   await %10
///   store global 0 [%0 + 0] %8 if %9
/// }
/// ```
public final class ThreadKernelPrinter {
  private final StringBuilder text = new StringBuilder();

  private ThreadKernelPrinter() {}

  /// The text of `kernel`.
  public static String print(ThreadKernel kernel) {
    ThreadKernelPrinter printer = new ThreadKernelPrinter();
    printer.text.append("threads ").append(kernel.name()).append(" {\n");
    for (ThreadKernel.Buffer b : kernel.buffers()) {
      printer.line(1, "buffer " + b.name() + " " + b.dtype() + " [" + b.elements() + "]");
    }
    kernel.sizes().forEach(size -> printer.line(1, "size " + size));
    printer.line(1, "grid (" + kernel.grid().blocks() + ") of " + kernel.grid().threads());
    for (ThreadKernel.SharedArray a : kernel.shared()) {
      printer.line(1, "shared " + a.name() + " " + a.dtype() + " " + a.elements());
    }
    printer.steps(1, kernel.body());
    return printer.text.append("}\n").toString();
  }

  private void line(int depth, String line) {
    text.append("  ".repeat(depth)).append(line).append('\n');
  }

  private void steps(int depth, List<Step> steps) {
    for (Step step : steps) {
      switch (step) {
        case Step.Define(Register to, Expr value) -> line(depth, defined(to) + " = " + expr(value));
        case Step.Load(List<Register> to, Place from, Optional<Register> only) ->
            line(
                depth,
                to.stream().map(ThreadKernelPrinter::defined).collect(Collectors.joining(" "))
                    + " = load "
                    + place(from)
                    + only(only));
        case Step.Store(Place to, List<Register> values, Optional<Register> only) ->
            line(depth, "store " + place(to) + " " + registers(values) + only(only));
        case Step.Copies(Register token, List<Transfer> transfers) -> {
          line(depth, defined(token) + " = copies {");
          for (Transfer t : transfers) {
            line(
                depth + 1,
                place(t.to())
                    + " from "
                    + place(t.from())
                    + " of "
                    + t.elements()
                    + only(t.only()));
          }
          line(depth, "}");
        }
        case Step.Await(Register token) -> line(depth, "await " + token);
        case Step.Wait(int pending) -> line(depth, "wait " + pending);
        case Step.Barrier() -> line(depth, "barrier");
        case Step.For loop -> {
          line(
              depth,
              "for %s = %s to %s by %d {"
                  .formatted(defined(loop.index()), loop.from(), loop.to(), loop.step()));
          for (Carried c : loop.carried()) {
            line(
                depth + 1,
                "carry %s = %s then %s gives %s"
                    .formatted(defined(c.inside()), c.initial(), c.yielded(), c.result()));
          }
          steps(depth + 1, loop.body());
          line(depth, "}");
        }
      }
    }
  }

  private static String expr(Expr expr) {
    return switch (expr) {
      case Expr.Own own -> "own " + own.special();
      case Expr.Size size -> "size " + size.symbol();
      case Expr.Constant constant -> "constant " + constant.literal();
      case Expr.Apply apply -> "apply " + apply.fn() + " " + registers(apply.args());
      case Expr.Cast cast -> "cast " + cast.arg();
      case Expr.Bits bits -> "bits " + bits.arg();
      case Expr.Shuffle shuffle -> "shuffle " + shuffle.arg() + " " + shuffle.mask();
    };
  }

  private static String place(Place place) {
    String memory =
        switch (place.memory()) {
          case Memory.Global(int buffer) -> "global " + buffer;
          case Memory.Shared(int array) -> "shared " + array;
        };
    return memory + " [" + place.index() + " + " + place.offset() + "]";
  }

  private static String only(Optional<Register> only) {
    return only.map(register -> " if " + register).orElse("");
  }

  private static String defined(Register register) {
    return register + " " + register.type();
  }

  private static String registers(List<Register> registers) {
    return registers.stream().map(Register::toString).collect(Collectors.joining(" "));
  }
}
