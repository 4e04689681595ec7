package dev.sinter.compiler;

import dev.sinter.passes.MathMode;
import dev.sinter.passes.WeightStorage;
import dev.sinter.passes.tuning.ScheduleTable;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// What a caller may choose about a compilation.
///
/// @param settings hyper-parameters of the model by name, as the text would write their values
/// @param weights a file with the parameters' values; without one they are initialized
/// @param seed of the initial values; by default that of the model's training, or 0
/// @param weightsBeside whether weights lie beside the JAR rather than inside
/// @param standalone whether the runtime goes into the JAR
/// @param ptx whether the kernels that have such a form go into the JAR as PTX, too
/// @param dumpDir where each stage is written as text
/// @param mostTurns the most turns of a loop that ends by a condition, or whose turns the model
///   counts as a number; one that goes on after them fails
/// @param math whether results may differ by rounding from what the ops say, to be faster
/// @param storage in how much memory the weights of products are kept
/// @param schedules what was measured to be fastest; the rest is estimated
public record CompileOptions(
    Map<String, String> settings,
    Optional<GivenWeights> weights,
    OptionalLong seed,
    boolean weightsBeside,
    boolean standalone,
    boolean ptx,
    Optional<Path> dumpDir,
    long mostTurns,
    MathMode math,
    WeightStorage storage,
    ScheduleTable schedules) {
  /// The most turns of a loop, where the caller does not say.
  public static final long MOST_TURNS = 1L << 24;

  /// Nothing chosen.
  public static final CompileOptions DEFAULT =
      new CompileOptions(
          Map.of(),
          Optional.empty(),
          OptionalLong.empty(),
          false,
          false,
          false,
          Optional.empty(),
          MOST_TURNS,
          MathMode.FAST,
          WeightStorage.F32,
          ScheduleTable.EMPTY);

  public CompileOptions {
    settings = Map.copyOf(settings);
  }

  /// These with other settings.
  public CompileOptions withSettings(Map<String, String> other) {
    return with(draft -> draft.settings = other);
  }

  /// These with weights from a file.
  public CompileOptions withWeights(GivenWeights file) {
    return with(draft -> draft.weights = Optional.of(file));
  }

  /// These with another seed.
  public CompileOptions withSeed(long other) {
    return with(draft -> draft.seed = OptionalLong.of(other));
  }

  /// These with another form of JAR.
  public CompileOptions withJar(boolean beside, boolean alone) {
    return with(draft -> {
      draft.weightsBeside = beside;
      draft.standalone = alone;
    });
  }

  /// These with the kernels as PTX in the JAR, or without.
  public CompileOptions withPtx(boolean inside) {
    return with(draft -> draft.ptx = inside);
  }

  /// These with a folder for dumps.
  public CompileOptions withDumpDir(Path folder) {
    return with(draft -> draft.dumpDir = Optional.of(folder));
  }

  /// These with another limit on the turns of loops.
  public CompileOptions withMostTurns(long most) {
    return with(draft -> draft.mostTurns = most);
  }

  /// These with another freedom of rounding.
  public CompileOptions withMath(MathMode mode) {
    return with(draft -> draft.math = mode);
  }

  /// These with weights kept otherwise.
  public CompileOptions withStorage(WeightStorage other) {
    return with(draft -> draft.storage = other);
  }

  /// These with a table of schedules.
  public CompileOptions withSchedules(ScheduleTable table) {
    return with(draft -> draft.schedules = table);
  }

  private CompileOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /// A copy that can be changed, so that what stays as it is is named in one place.
  private static final class Draft {
    private Map<String, String> settings;
    private Optional<GivenWeights> weights;
    private OptionalLong seed;
    private boolean weightsBeside;
    private boolean standalone;
    private boolean ptx;
    private Optional<Path> dumpDir;
    private long mostTurns;
    private MathMode math;
    private WeightStorage storage;
    private ScheduleTable schedules;

    Draft(CompileOptions of) {
      settings = of.settings;
      weights = of.weights;
      seed = of.seed;
      weightsBeside = of.weightsBeside;
      standalone = of.standalone;
      ptx = of.ptx;
      dumpDir = of.dumpDir;
      mostTurns = of.mostTurns;
      math = of.math;
      storage = of.storage;
      schedules = of.schedules;
    }

    CompileOptions options() {
      return new CompileOptions(
          settings,
          weights,
          seed,
          weightsBeside,
          standalone,
          ptx,
          dumpDir,
          mostTurns,
          math,
          storage,
          schedules);
    }
  }
}
