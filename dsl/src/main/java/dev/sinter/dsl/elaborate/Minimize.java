package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Path;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.ir.Gradient;
import dev.sinter.ir.Node;
import dev.sinter.ir.TensorType;
import dev.sinter.ir.Value;
import dev.sinter.ir.diagnostic.Diagnostic;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import dev.sinter.ir.diagnostic.Span;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// `minimize` in a step: gradients of the loss, and new weights, which land at the step's end.
final class Minimize implements Statements.Receiver {
  private final Elaboration all;
  private final String step;
  private final ModuleInstance members;
  private final Map<String, Value> losses = new LinkedHashMap<>();
  private final Map<String, Value> landing = new LinkedHashMap<>();

  /// @param step the entry's name
  /// @param members what the paths start from: the `train` itself
  Minimize(Elaboration all, String step, ModuleInstance members) {
    this.all = all;
    this.step = step;
    this.members = members;
  }

  @Override
  public boolean next(Statement.Next next, Scope scope, Build build) {
    return false;
  }

  @Override
  public boolean emit(Statement.Emit emit, Scope scope, Build build) {
    return false;
  }

  @Override
  public boolean minimize(Statement.Minimize minimize, Scope scope, Build build) {
    Span span = minimize.loss().span();
    Value loss =
        Arithmetic.tensor(
            all.expressions().eval(minimize.loss(), scope, build), DType.F32, span, build);
    TensorType scalar = TensorType.of(DType.F32, new long[0]);
    if (!loss.type().equals(scalar)) {
      throw new Fault(
          Diagnostic.error(
                  DiagnosticCode.WRONG_KIND, span, "a loss is one number, not " + loss.type())
              .help("take the mean of it: `mean(...)`"));
    }
    losses.put(losses.isEmpty() ? "loss" : "loss" + (losses.size() + 1), loss);
    Map<String, Statement.Over> groups = groups(minimize, build);
    List<String> paths = new ArrayList<>(groups.keySet());
    List<Value> operands = new ArrayList<>(List.of(loss));
    paths.forEach(path -> operands.add(build.tensor(path)));
    Node gradient =
        build.at(
            minimize.span(), () -> build.builder().add(new Gradient(), operands, List.of(), ""));
    for (Statement.Over over : minimize.overs()) {
      List<String> learned = paths.stream().filter(p -> over.equals(groups.get(p))).toList();
      if (!learned.isEmpty()) {
        List<Value> gradients =
            learned.stream().map(p -> gradient.result(paths.indexOf(p))).toList();
        update(over, learned, gradients, scope, build);
      }
    }
    return true;
  }

  /// The weights that learn, each with the last `over` that fits it.
  private Map<String, Statement.Over> groups(Statement.Minimize minimize, Build build) {
    Map<String, Statement.Over> groups = new LinkedHashMap<>();
    boolean frozen = false;
    boolean unreached = false;
    for (Statement.Over over : minimize.overs()) {
      for (Path path : over.paths()) {
        for (String weight : new Members(all.parameters()).weights(path, members)) {
          if (all.edits().isFrozen(weight)) {
            frozen = true;
          } else if (!build.reached(weight)) {
            unreached = true;
          } else {
            groups.put(weight, over);
          }
        }
      }
    }
    if (groups.isEmpty()) {
      Diagnostic fault =
          Diagnostic.error(
              DiagnosticCode.NOTHING_TO_LEARN,
              minimize.overs().getFirst().span(),
              "there is no weight here for `minimize` to change");
      throw new Fault(
          unreached
              ? fault.note("the loss does not depend on the weights that are named")
              : frozen
                  ? fault.note("every weight that is named is frozen")
                  : fault.note("what is named has no weights"));
    }
    for (String path : groups.keySet()) {
      if (landing.containsKey(path)) {
        throw Faults.of(
            DiagnosticCode.LEARNED_TWICE,
            minimize.span(),
            "the weight " + path + " is changed by two `minimize` of one step");
      }
    }
    return groups;
  }

  private void update(
      Statement.Over over, List<String> paths, List<Value> gradients, Scope scope, Build build) {
    Optimizers optimizers = new Optimizers(all);
    Optimizers.Rule rule = optimizers.rule(over.optimizer(), scope, build);
    Span span = over.optimizer().span();
    build.at(
        span,
        () -> {
          List<Value> clipped = optimizers.clipped(rule.clips(), gradients, build);
          for (int i = 0; i < paths.size(); i++) {
            String path = paths.get(i);
            landing.put(
                path,
                optimizers.updated(
                    rule,
                    "opt." + step + "." + path,
                    build.tensor(path),
                    clipped.get(i),
                    build,
                    span));
          }
          return paths;
        });
  }

  /// Lands the new weights and answers the losses by name.
  Map<String, Value> land(Build build) {
    landing.forEach(build::set);
    return losses;
  }

  /// The members whose weights the step changes.
  Set<String> learners() {
    Set<String> learners = new LinkedHashSet<>();
    for (String path : landing.keySet()) {
      int dot = path.indexOf('.');
      learners.add(dot < 0 ? path : path.substring(0, dot));
    }
    return learners;
  }
}
