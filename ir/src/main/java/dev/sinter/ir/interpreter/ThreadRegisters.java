package dev.sinter.ir.interpreter;

import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The registers of the threads of a block.
final class ThreadRegisters {
  private final int threads;
  private @Nullable Numbers[] registers = new Numbers[64];

  ThreadRegisters(int threads) {
    this.threads = threads;
  }

  /// Something that one thread does.
  interface PerThread {
    void run(int thread);
  }

  /// Does `body` for each active thread.
  void each(boolean[] active, PerThread body) {
    for (int t = 0; t < threads; t++) {
      if (active[t]) {
        body.run(t);
      }
    }
  }

  /// What a register holds in each thread.
  Numbers get(Register register) {
    return Objects.requireNonNull(registers[register.number()], register::toString);
  }

  /// The register, made if it is new.
  Numbers make(Register register) {
    if (register.number() >= registers.length) {
      registers = Arrays.copyOf(registers, 2 * register.number());
    }
    Numbers before = registers[register.number()];
    if (before != null) {
      return before;
    }
    Numbers fresh = Numbers.zeros(register.type().dtype(), threads);
    registers[register.number()] = fresh;
    return fresh;
  }

  /// Whether a thread takes part in what is done under a condition.
  boolean holds(Optional<Register> only, int thread) {
    return only.isEmpty() || get(only.get()).integers[thread] != 0;
  }

  /// Copies a register; tokens hold nothing.
  void move(Register from, Register to, boolean[] active) {
    if (from.type() != RegisterType.TOKEN) {
      copy(get(from), make(to), active);
    }
  }

  /// Hands the yielded values on, all at once: one may be another's old value.
  void hand(List<Carried> carried, boolean[] active) {
    List<Numbers> old = new ArrayList<>();
    for (Carried c : carried) {
      if (c.inside().type() != RegisterType.TOKEN) {
        Numbers snapshot = Numbers.zeros(c.inside().type().dtype(), threads);
        copy(get(c.yielded()), snapshot, active);
        old.add(snapshot);
      }
    }
    int next = 0;
    for (Carried c : carried) {
      if (c.inside().type() != RegisterType.TOKEN) {
        copy(old.get(next++), make(c.inside()), active);
      }
    }
  }

  private void copy(Numbers from, Numbers to, boolean[] active) {
    each(
        active,
        t -> {
          if (to.reals.length > 0) {
            to.reals[t] = from.reals[t];
          } else {
            to.integers[t] = from.integers[t];
          }
        });
  }
}
