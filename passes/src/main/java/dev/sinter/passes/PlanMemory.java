package dev.sinter.passes;

import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Lifetime;
import dev.sinter.ir.program.Program.Origin;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.List;

/// Finds when each buffer's content matters. Where buffers lie follows from that and from their
/// sizes, which the session knows.
final class PlanMemory {
  private final List<Buffer> buffers;
  private final int[] first;
  private final int[] last;
  private final List<Lifetime> loops = new ArrayList<>();
  private int number;

  private PlanMemory(List<Buffer> buffers) {
    this.buffers = buffers;
    this.first = new int[buffers.size()];
    this.last = new int[buffers.size()];
    java.util.Arrays.fill(first, Integer.MAX_VALUE);
    java.util.Arrays.fill(last, -1);
  }

  /// The buffers with their lifetimes.
  static List<Buffer> lifetimes(List<Buffer> buffers, List<Step> steps) {
    PlanMemory plan = new PlanMemory(buffers);
    steps.forEach(plan::step);
    return plan.result();
  }

  private void step(Step step) {
    int begin = number++;
    switch (step) {
      case Step.Launch launch -> launch.buffers().forEach(b -> use(b, begin));
      // Threads are in different launches of it at a time.
      case Step.Blocks blocks ->
          blocks.body().forEach(launch -> launch.buffers().forEach(b -> use(b, begin)));
      case Step.Extern extern -> extern.buffers().forEach(b -> use(b, begin));
      case Step.Measure measure -> use(measure.buffer(), begin);
      case Step.If choice -> {
        use(choice.condition(), begin);
        choice.then().forEach(this::step);
        choice.otherwise().forEach(this::step);
      }
      case Step.Repeat repeat -> {
        repeat.body().forEach(this::step);
        loops.add(new Lifetime(begin, number++));
      }
      case Step.While loop -> {
        loop.test().forEach(this::step);
        use(loop.condition(), number);
        loop.body().forEach(this::step);
        loops.add(new Lifetime(begin, number++));
      }
    }
  }

  private void use(int buffer, int at) {
    // The memory is used, so every buffer that it belongs to is; the first of them counts.
    for (int b = buffer; ; b = buffers.get(b).alias().get()) {
      last[b] = Math.max(last[b], at);
      first[b] = b == buffer ? Math.min(first[b], at) : first[b];
      if (buffers.get(b).alias().isEmpty()) {
        first[b] = Math.min(first[b], at);
        return;
      }
    }
  }

  private List<Buffer> result() {
    int end = Math.max(0, number - 1);
    for (int b = 0; b < buffers.size(); b++) {
      switch (buffers.get(b).origin()) {
        case Origin.Input _ -> first[b] = 0;
        case Origin.Output _ -> {
          first[b] = Math.min(first[b], end);
          last[b] = end;
        }
        case Origin.Weight _, Origin.Constant _, Origin.State _ -> {
          first[b] = 0;
          last[b] = end;
        }
        case Origin.Temporary _ -> first[b] = Math.min(first[b], end);
      }
      last[b] = Math.max(last[b], first[b]);
      // What is used inside and outside of a loop must last for all of its turns; an inner loop
      // comes before the one around it.
      for (Lifetime loop : loops) {
        boolean meets = loop.meets(new Lifetime(first[b], last[b]));
        boolean within = first[b] > loop.first() && last[b] < loop.last();
        if (meets && !within) {
          first[b] = Math.min(first[b], loop.first());
          last[b] = Math.max(last[b], loop.last());
        }
      }
    }
    List<Buffer> out = new ArrayList<>();
    for (int b = 0; b < buffers.size(); b++) {
      out.add(buffers.get(b).during(new Lifetime(first[b], last[b])));
    }
    return out;
  }
}
