package dev.sinter.passes;

import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.program.Program;
import dev.sinter.ir.program.Program.Buffer;
import dev.sinter.ir.program.Program.Step;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Lets launches that hand large tensors to one another run block by block, so that no more of such
/// a tensor is ever there than a block of it, which stays in the cache of the thread that works on
/// it.
///
/// A block is one index of each leading axis of a product of two activations and, where that has
/// many rows, some of them: a head of an attention and some of its queries. So the scores of an
/// attention are never in memory as a whole, nor are their gradients; what a gradient reads again
/// is, but gets used while it is in the cache.
///
/// Before: `contract(q, k, scores)`, `softmax(scores, weights)`, `contract(weights, v, y)`, over
/// all of `scores f32[N, H, T, S]`. After: `blocks b < N*H*ceil(T/64)` of the three, over `scores
/// f32[64, S]` of each thread.
final class RunInBlocks {
  /// Less memory than this stays in a cache by itself.
  private static final double LEAST_BYTES = 1 << 16;

  /// With fewer blocks a second thread may have nothing to do.
  private static final double FEWEST_BLOCKS = 8;

  private final Program program;
  private final List<TileKernel> kernels;
  private final KernelTable table;
  private final List<Buffer> buffers;
  private final Map<Integer, Integer> uses;

  private RunInBlocks(Program program, List<TileKernel> kernels, KernelTable table) {
    this.program = program;
    this.kernels = kernels;
    this.table = table;
    this.buffers = new ArrayList<>(program.buffers());
    this.uses = uses(program);
  }

  /// The program with blocks where they pay.
  ///
  /// @param kernels what the launches of `program` name
  /// @param table gets the kernels of the result
  static Program of(Program program, List<TileKernel> kernels, KernelTable table) {
    RunInBlocks pass = new RunInBlocks(program, kernels, table);
    List<Step> steps = pass.steps(program.steps());
    return new Program(
        program.name(),
        program.dims(),
        PlanMemory.lifetimes(pass.buffers, steps),
        steps,
        program.facts());
  }

  /// How many launches use the memory of each buffer that lies in no other; more than there are
  /// where anything else does.
  private static Map<Integer, Integer> uses(Program program) {
    Map<Integer, Integer> uses = new HashMap<>();
    int other = program.launches().size() + 1;
    for (Step step : program.allSteps()) {
      switch (step) {
        case Step.Launch launch ->
            roots(program, launch).forEach(root -> uses.merge(root, 1, Integer::sum));
        case Step.Extern extern ->
            extern.buffers().forEach(b -> uses.merge(program.root(b), other, Integer::sum));
        case Step.Measure(_, int buffer) -> uses.merge(program.root(buffer), other, Integer::sum);
        case Step.If choice -> uses.merge(program.root(choice.condition()), other, Integer::sum);
        case Step.While loop -> uses.merge(program.root(loop.condition()), other, Integer::sum);
        case Step.Blocks _, Step.Repeat _ -> {}
      }
    }
    return uses;
  }

  private static Set<Integer> roots(Program program, Step.Launch launch) {
    Set<Integer> roots = new HashSet<>();
    launch.buffers().forEach(b -> roots.add(program.root(b)));
    return roots;
  }

  private List<Step> steps(List<Step> steps) {
    List<Step> out = new ArrayList<>();
    int next = 0;
    while (next < steps.size()) {
      if (!(steps.get(next) instanceof Step.Launch launch)) {
        out.add(steps.get(next++).withBodies(this::steps));
        continue;
      }
      Optional<BlockChain> chain = chain(steps.subList(next, steps.size()));
      if (chain.isPresent()) {
        BlockSteps written = new BlockSteps(chain.get(), chain.get().within(uses));
        out.add(written.step(table));
        for (int b = 0; b < buffers.size(); b++) {
          buffers.set(b, written.isWithin(b) ? written.buffer(b) : buffers.get(b));
        }
        next += chain.get().links().size();
      } else {
        out.add(table.relaunch(launch, instance(launch)));
        next++;
      }
    }
    return out;
  }

  private TileKernel instance(Step.Launch launch) {
    return KernelTable.instance(kernels.get(launch.kernel()), launch);
  }

  /// The first of these steps that pay as blocks, if some do.
  private Optional<BlockChain> chain(List<Step> steps) {
    Optional<BlockChain> best = Optional.empty();
    double most = LEAST_BYTES;
    for (BlockChain beginning :
        BlockChain.beginnings(program, instance((Step.Launch) steps.getFirst()))) {
      Optional<BlockChain> chain = Optional.of(beginning);
      for (int i = 0; i < steps.size() && chain.isPresent(); i++) {
        chain = extended(chain.get(), steps.get(i));
        double bytes = chain.filter(this::hasEnough).map(this::bytesSaved).orElse(0.0);
        if (bytes > most) {
          most = bytes;
          best = chain;
        }
      }
    }
    return best;
  }

  private Optional<BlockChain> extended(BlockChain chain, Step step) {
    return step instanceof Step.Launch launch
        ? chain.with(launch, instance(launch))
        : Optional.empty();
  }

  private boolean hasEnough(BlockChain chain) {
    return FusionCost.elements(List.of(chain.count())) >= FEWEST_BLOCKS;
  }

  /// The bytes that do not come from memory where a chain runs in blocks, or do not go there.
  private double bytesSaved(BlockChain chain) {
    return Stream.concat(chain.within(uses).stream(), chain.handedOn().stream())
        .mapToDouble(root -> {
          Buffer buffer = program.buffers().get(root);
          return FusionCost.elements(buffer.shape()) * buffer.dtype().bits() / Byte.SIZE;
        })
        .sum();
  }
}
