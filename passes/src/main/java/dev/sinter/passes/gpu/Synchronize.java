package dev.sinter.passes.gpu;

import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadKernel;
import dev.sinter.ir.kernel.ThreadKernel.Carried;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Puts waits and barriers into a thread kernel: the only place they come from.
///
/// * An awaited token becomes a wait for its group of copies, and a barrier. How many groups may
///   still be under way follows from how many were begun after the token's, in every way to the
///   await.
/// * A barrier stands between a store to a shared array and a load of it, and between a load and
///   the next store or copy to it, unless there is one already. A copy does not wait for loads of
///   other parts of its array since the last barrier to be known apart: the array is taken whole.
///
/// Around a loop the state at its end is one of those at its beginning; the states are joined until
/// nothing changes.
final class Synchronize {
  /// What has happened since the last barrier, and how many groups were begun after each token.
  ///
  /// @param stored the arrays written by stores
  /// @param loaded the arrays read
  /// @param ages for each token the groups begun after it, at least
  private record State(Set<Integer> stored, Set<Integer> loaded, Map<Register, Integer> ages) {
    State() {
      this(new HashSet<>(), new HashSet<>(), new HashMap<>());
    }

    State copy() {
      return new State(new HashSet<>(stored), new HashSet<>(loaded), new HashMap<>(ages));
    }

    void barrier() {
      stored.clear();
      loaded.clear();
    }

    int age(Register token) {
      Integer age = ages.get(token);
      if (age == null) {
        throw new CompilerBug("Synchronize", token + " stands for no copies");
      }
      return age;
    }
  }

  private Synchronize() {}

  /// `kernel` with waits and barriers.
  static ThreadKernel synchronize(ThreadKernel kernel) {
    return kernel.withBody(steps(kernel.body(), new State()));
  }

  private static List<Step> steps(List<Step> steps, State state) {
    List<Step> out = new ArrayList<>();
    for (Step step : steps) {
      switch (step) {
        case Step.Define _, Step.Wait _, Step.Barrier _ -> out.add(step);
        case Step.Load load -> {
          if (load.from().memory() instanceof Memory.Shared(int array)) {
            if (state.stored().contains(array)) {
              barrier(out, state);
            }
            state.loaded().add(array);
          }
          out.add(step);
        }
        case Step.Store store -> {
          if (store.to().memory() instanceof Memory.Shared(int array)) {
            if (state.loaded().contains(array)) {
              barrier(out, state);
            }
            state.stored().add(array);
          }
          out.add(step);
        }
        case Step.Copies copies -> {
          for (ThreadKernel.Transfer transfer : copies.transfers()) {
            int array = ((Memory.Shared) transfer.to().memory()).array();
            if (state.loaded().contains(array) || state.stored().contains(array)) {
              barrier(out, state);
            }
          }
          state.ages().replaceAll((_, age) -> age + 1);
          state.ages().put(copies.token(), 0);
          out.add(step);
        }
        case Step.Await(Register token) -> {
          out.add(new Step.Wait(state.age(token)));
          barrier(out, state);
        }
        case Step.For loop -> out.add(loop(loop, state));
      }
    }
    return out;
  }

  private static void barrier(List<Step> out, State state) {
    out.add(new Step.Barrier());
    state.barrier();
  }

  private static Step loop(Step.For loop, State state) {
    Map<Register, Integer> before = Map.copyOf(state.ages());
    State entry = state;
    for (Carried c : loop.carried()) {
      if (before.containsKey(c.initial())) {
        entry.ages().put(c.inside(), entry.age(c.initial()));
      }
    }
    while (true) {
      State end = entry.copy();
      List<Step> body = steps(loop.body(), end);
      State joined = joined(loop, entry, end);
      if (joined.equals(entry)) {
        state.stored().addAll(entry.stored());
        state.loaded().addAll(entry.loaded());
        leave(loop, state, entry, before);
        return new Step.For(
            loop.index(), loop.from(), loop.to(), loop.step(), loop.carried(), body);
      }
      entry = joined;
    }
  }

  /// The state at the loop's beginning, once it may also be reached from its end.
  private static State joined(Step.For loop, State entry, State end) {
    State joined = entry.copy();
    joined.stored().addAll(end.stored());
    joined.loaded().addAll(end.loaded());
    for (Carried c : loop.carried()) {
      if (entry.ages().containsKey(c.inside())) {
        joined.ages().merge(c.inside(), end.age(c.yielded()), Math::min);
      }
    }
    return joined;
  }

  private static void leave(
      Step.For loop, State state, State entry, Map<Register, Integer> before) {
    Map<Register, Integer> after = new HashMap<>(before);
    for (Carried c : loop.carried()) {
      if (entry.ages().containsKey(c.inside())) {
        after.put(c.result(), entry.age(c.inside()));
      }
    }
    state.ages().clear();
    state.ages().putAll(after);
  }
}
