package dev.sinter.ir.kernel;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.ThreadKernel.Transfer;
import dev.sinter.runtime.DType;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Checks that a [ThreadKernel] is well formed.
///
/// * Each register is defined once and only used where its definition precedes it, in the same body
///   or one around it; a loop's index and carried registers belong to its body, its results to what
///   follows it.
/// * Types fit: a definition has the type of its value, places are counted in `i32`, conditions are
///   `bool`, a loaded or stored register has the buffer's type, what a loop carries has one type.
/// * Buffers, arrays and sizes that are named exist; the symbols of the grid and of the buffers'
///   lengths are sizes.
/// * A block has a multiple of 32 threads, at most 1024, and at most 48 KiB of shared memory.
/// * An access is of 1, 2 or 4 elements and of 16 bytes at most; a copy is of 4, 8 or 16 bytes and
///   goes from global to shared memory.
/// * A loop's step is positive. A shuffle stays within the warp.
/// * Waits and barriers are there only when no token is awaited any more.
public final class ThreadVerifier {
  private static final int MOST_SHARED_BYTES = 48 * 1024;

  private final ThreadKernel kernel;
  private final boolean synchronous;
  private final Set<Integer> numbers = new HashSet<>();

  private ThreadVerifier(ThreadKernel kernel) {
    this.kernel = kernel;
    this.synchronous = kernel.isSynchronized();
  }

  /// Checks `kernel`.
  ///
  /// @throws CompilerBug saying what does not hold
  public static void verify(ThreadKernel kernel) {
    new ThreadVerifier(kernel).run();
  }

  private void run() {
    int threads = kernel.grid().threads();
    check(threads > 0 && threads <= 1024 && threads % ThreadKernel.WARP == 0, "threads " + threads);
    int bytes = kernel.shared().stream().mapToInt(ThreadKernel.SharedArray::bytes).sum();
    check(bytes <= MOST_SHARED_BYTES, "shared memory of " + bytes + " bytes");
    Set<String> sizes = Set.copyOf(kernel.sizes());
    check(sizes.containsAll(kernel.grid().blocks().symbols()), "grid " + kernel.grid().blocks());
    for (ThreadKernel.Buffer buffer : kernel.buffers()) {
      check(sizes.containsAll(buffer.elements().symbols()), "length of " + buffer.name());
    }
    body(kernel.body(), new HashSet<>());
  }

  private void body(List<Step> steps, Set<Register> known) {
    for (Step step : steps) {
      step(step, known);
    }
  }

  private void step(Step step, Set<Register> known) {
    switch (step) {
      case Step.Define(Register to, Expr value) -> {
        expr(value, known);
        try {
          check(ThreadKernel.type(value) == to.type(), step + " has another type");
        } catch (IllegalArgumentException fault) {
          throw new CompilerBug("ThreadVerifier", kernel.name() + ": " + fault.getMessage());
        }
        define(to, known);
      }
      case Step.Load load -> {
        place(load.from(), load.to().size(), known);
        load.only().ifPresent(only -> condition(only, known));
        for (Register to : load.to()) {
          check(to.type() == type(load.from().memory()), step + " has another type");
          define(to, known);
        }
      }
      case Step.Store store -> {
        place(store.to(), store.values().size(), known);
        store.only().ifPresent(only -> condition(only, known));
        for (Register value : store.values()) {
          use(value, known);
          check(value.type() == type(store.to().memory()), step + " has another type");
        }
      }
      case Step.Copies copies -> {
        copies.transfers().forEach(transfer -> transfer(transfer, known));
        check(copies.token().type() == RegisterType.TOKEN, step + " defines no token");
        define(copies.token(), known);
      }
      case Step.Await(Register token) -> {
        use(token, known);
        check(token.type() == RegisterType.TOKEN, token + " is no token");
      }
      case Step.Wait(int pending) -> check(synchronous && pending >= 0, "a wait beside an await");
      case Step.Barrier() -> check(synchronous, "a barrier beside an await");
      case Step.For loop -> loop(loop, known);
    }
  }

  private void loop(Step.For loop, Set<Register> known) {
    for (Register bound : List.of(loop.from(), loop.to(), loop.index())) {
      check(bound.type() == RegisterType.I32, "a loop counts in " + bound.type());
    }
    use(loop.from(), known);
    use(loop.to(), known);
    check(loop.step() > 0, "a loop's step is " + loop.step());
    Set<Register> inside = new HashSet<>(known);
    define(loop.index(), inside);
    for (Carried carried : loop.carried()) {
      use(carried.initial(), known);
      define(carried.inside(), inside);
    }
    body(loop.body(), inside);
    for (Carried c : loop.carried()) {
      use(c.yielded(), inside);
      RegisterType type = c.inside().type();
      check(
          c.initial().type() == type && c.yielded().type() == type && c.result().type() == type,
          "a loop carries different types");
      define(c.result(), known);
    }
  }

  private void transfer(Transfer transfer, Set<Register> known) {
    place(transfer.to(), transfer.elements(), known);
    place(transfer.from(), transfer.elements(), known);
    transfer.only().ifPresent(only -> condition(only, known));
    check(
        transfer.to().memory() instanceof Memory.Shared
            && transfer.from().memory() instanceof Memory.Global,
        "a copy goes from global to shared memory");
    DType dtype = dtype(transfer.to().memory());
    check(dtype == dtype(transfer.from().memory()), "a copy between types");
    int bytes = transfer.elements() * dtype.bits() / 8;
    check(bytes == 4 || bytes == 8 || bytes == 16, "a copy of " + bytes + " bytes");
  }

  private void expr(Expr expr, Set<Register> known) {
    switch (expr) {
      case Expr.Own _, Expr.Constant _ -> {}
      case Expr.Size(String symbol) -> check(kernel.sizes().contains(symbol), "size " + symbol);
      case Expr.Apply apply -> apply.args().forEach(arg -> use(arg, known));
      case Expr.Cast cast -> use(cast.arg(), known);
      case Expr.Bits bits -> use(bits.arg(), known);
      case Expr.Shuffle(Register arg, int mask) -> {
        use(arg, known);
        check(mask > 0 && mask < ThreadKernel.WARP, "a shuffle by " + mask);
      }
    }
  }

  private void place(Place place, int width, Set<Register> known) {
    use(place.index(), known);
    check(place.index().type() == RegisterType.I32, "a place counted in " + place.index().type());
    boolean small = width * dtype(place.memory()).bits() <= 128;
    check((width == 1 || width == 2 || width == 4) && small, "an access of " + width);
  }

  private RegisterType type(Memory memory) {
    DType dtype = dtype(memory);
    return RegisterType.of(dtype)
        .orElseThrow(
            () -> new CompilerBug("ThreadVerifier", "no register holds an element of " + dtype));
  }

  private DType dtype(Memory memory) {
    return switch (memory) {
      case Memory.Global(int buffer) -> {
        check(buffer >= 0 && buffer < kernel.buffers().size(), "buffer " + buffer);
        yield kernel.buffers().get(buffer).dtype();
      }
      case Memory.Shared(int array) -> {
        check(array >= 0 && array < kernel.shared().size(), "array " + array);
        yield kernel.shared().get(array).dtype();
      }
    };
  }

  private void condition(Register only, Set<Register> known) {
    use(only, known);
    check(only.type() == RegisterType.BOOL, only + " is no condition");
  }

  private void use(Register register, Set<Register> known) {
    check(known.contains(register), register + " is used before it is defined");
  }

  private void define(Register register, Set<Register> known) {
    check(numbers.add(register.number()), register + " is defined twice");
    known.add(register);
  }

  private void check(boolean holds, String fault) {
    if (!holds) {
      throw new CompilerBug("ThreadVerifier", kernel.name() + ": " + fault);
    }
  }
}
