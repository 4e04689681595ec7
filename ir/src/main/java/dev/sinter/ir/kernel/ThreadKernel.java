package dev.sinter.ir.kernel;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.runtime.DType;
import java.util.List;
import java.util.Optional;

/// A kernel for a GPU: what one thread does, in SSA form under structured control flow.
///
/// All threads of a block run the same body; they differ in [Special#THREAD] and [Special#BLOCK].
/// Places count elements from a buffer's or an array's start and fit an `i32`. Each register is
/// defined once; a loop hands values from turn to turn by [Carried]. Thirty-two threads in a row
/// are a warp.
///
/// Copies from global to shared memory are asynchronous: [Step.Copies] only begins them and defines
/// a token, [Step.Await] says that every thread may read what they brought. A kernel is lowered
/// with those two alone; waits and barriers are put in from the tokens and from what is stored and
/// loaded, never by hand. [#isSynchronized()] tells which of the two forms a kernel has.
///
/// @param name the name of the entry
/// @param buffers what lies in global memory
/// @param sizes the symbols that are passed in as `i32`
/// @param grid how many threads run
/// @param shared arrays that the threads of a block have in common
/// @param body what a thread does
public record ThreadKernel(
    String name,
    List<Buffer> buffers,
    List<String> sizes,
    Grid grid,
    List<SharedArray> shared,
    List<Step> body) {
  /// The threads of a warp.
  public static final int WARP = 32;

  public ThreadKernel {
    buffers = List.copyOf(buffers);
    sizes = List.copyOf(sizes);
    shared = List.copyOf(shared);
    body = List.copyOf(body);
  }

  /// A tensor in global memory, which begins at a multiple of 16 bytes.
  ///
  /// @param elements how many elements it has, padding included
  public record Buffer(String name, DType dtype, Dim elements) {}

  /// The number of blocks, and of threads in each.
  public record Grid(Dim blocks, int threads) {}

  /// Memory of a block, which begins at a multiple of 16 bytes.
  public record SharedArray(String name, DType dtype, int elements) {
    /// The memory that it takes.
    public int bytes() {
      return elements * dtype.bits() / 8;
    }
  }

  /// What a register holds.
  public enum RegisterType {
    BOOL(DType.BOOL),
    I32(DType.I32),
    U32(DType.U32),
    I64(DType.I64),
    U64(DType.U64),
    F32(DType.F32),
    F64(DType.F64),
    /// No bits: stands for copies under way.
    TOKEN(null);

    private final @org.jspecify.annotations.Nullable DType dtype;

    RegisterType(@org.jspecify.annotations.Nullable DType dtype) {
      this.dtype = dtype;
    }

    /// The type for values of `dtype`, where there is one.
    public static Optional<RegisterType> of(DType dtype) {
      for (RegisterType type : values()) {
        if (type.dtype == dtype) {
          return Optional.of(type);
        }
      }
      return Optional.empty();
    }

    /// The type of the value.
    ///
    /// @throws IllegalStateException for a token
    public DType dtype() {
      if (dtype == null) {
        throw new IllegalStateException("a token has no value");
      }
      return dtype;
    }

    @Override
    public String toString() {
      return dtype == null ? "token" : dtype.text();
    }
  }

  /// A value of a thread.
  public record Register(int number, RegisterType type) {
    @Override
    public String toString() {
      return "%" + number;
    }
  }

  /// A value that a loop hands on: `inside` is `initial` in the first turn and then what the turn
  /// before yielded; `result` is the last one.
  public record Carried(Register inside, Register initial, Register yielded, Register result) {}

  /// Where memory lies.
  public sealed interface Memory {
    /// A buffer.
    record Global(int buffer) implements Memory {}

    /// An array of the block.
    record Shared(int array) implements Memory {}
  }

  /// Element `index + offset`.
  public record Place(Memory memory, Register index, int offset) {}

  /// A copy of consecutive elements to shared from global memory; where `only` is false, zeros.
  public record Transfer(Place to, Place from, int elements, Optional<Register> only) {}

  /// What tells threads apart.
  public enum Special {
    /// The thread's number in its block.
    THREAD,
    /// The block's number.
    BLOCK;

    @Override
    public String toString() {
      return name().toLowerCase(java.util.Locale.ROOT);
    }
  }

  /// A step of a thread.
  public sealed interface Step {
    /// A new value.
    record Define(Register to, Expr value) implements Step {}

    /// Reads 1, 2 or 4 consecutive elements, at a place that their number divides; where `only` is
    /// false, zeros, and nothing is read.
    record Load(List<Register> to, Place from, Optional<Register> only) implements Step {
      public Load {
        to = List.copyOf(to);
      }
    }

    /// Writes 1, 2 or 4 consecutive elements, where `only` is true.
    record Store(Place to, List<Register> values, Optional<Register> only) implements Step {
      public Store {
        values = List.copyOf(values);
      }
    }

    /// Begins copies; all of them are one group, for which the token stands.
    record Copies(Register token, List<Transfer> transfers) implements Step {
      public Copies {
        transfers = List.copyOf(transfers);
      }
    }

    /// From here on all threads of the block may read what the copies of all of them brought.
    record Await(Register token) implements Step {}

    /// Waits until at most so many of this thread's newest groups of copies are under way.
    record Wait(int pending) implements Step {}

    /// Waits for all threads of the block.
    record Barrier() implements Step {}

    /// `for (index = from; index < to; index += step)`.
    record For(
        Register index,
        Register from,
        Register to,
        int step,
        List<Carried> carried,
        List<Step> body)
        implements Step {
      public For {
        carried = List.copyOf(carried);
        body = List.copyOf(body);
      }
    }
  }

  /// A value that a thread computes.
  public sealed interface Expr {
    /// A number of the thread's own, as `i32`.
    record Own(Special special) implements Expr {}

    /// A size that is passed in, as `i32`.
    record Size(String symbol) implements Expr {}

    /// A number.
    record Constant(Elem.Literal literal) implements Expr {}

    /// A scalar function.
    record Apply(ScalarFn fn, List<Register> args) implements Expr {
      public Apply {
        args = List.copyOf(args);
      }
    }

    /// A conversion.
    record Cast(RegisterType type, Register arg) implements Expr {}

    /// The bits of a value as another type of as many.
    record Bits(RegisterType type, Register arg) implements Expr {}

    /// The value of the thread whose place in the warp differs in the bits of `mask`.
    record Shuffle(Register arg, int mask) implements Expr {}
  }

  /// Whether waits and barriers are in place, so that no [Step.Await] is left.
  public boolean isSynchronized() {
    return isSynchronized(body);
  }

  private static boolean isSynchronized(List<Step> steps) {
    return steps.stream()
        .noneMatch(
            s -> s instanceof Step.Await || (s instanceof Step.For f && !isSynchronized(f.body())));
  }

  /// The same kernel with another body.
  public ThreadKernel withBody(List<Step> other) {
    return new ThreadKernel(name, buffers, sizes, grid, shared, other);
  }

  /// The type of what `expr` gives.
  ///
  /// @throws IllegalArgumentException if the arguments do not fit
  public static RegisterType type(Expr expr) {
    return switch (expr) {
      case Expr.Own _, Expr.Size _ -> RegisterType.I32;
      case Expr.Constant(Elem.Literal literal) -> register(literal.dtype());
      case Expr.Apply(ScalarFn fn, List<Register> args) ->
          register(fn.result(args.stream().map(a -> a.type().dtype()).toList()));
      case Expr.Cast(RegisterType type, Register _) -> type;
      case Expr.Bits(RegisterType type, Register arg) -> {
        if (type.dtype().bits() != arg.type().dtype().bits()) {
          throw new IllegalArgumentException("the bits of " + arg.type() + " as " + type);
        }
        yield type;
      }
      case Expr.Shuffle(Register arg, int _) -> arg.type();
    };
  }

  private static RegisterType register(DType dtype) {
    return RegisterType.of(dtype)
        .orElseThrow(() -> new IllegalArgumentException("no register holds " + dtype));
  }
}
