package dev.sinter.dsl.elaborate;

import dev.sinter.dsl.ast.Loop;
import dev.sinter.dsl.ast.Statement;
import dev.sinter.ir.diagnostic.DiagnosticCode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What one turn of a loop carries on and gives out.
final class LoopTurn implements Statements.Receiver {
  private final Elaboration all;
  private final List<String> carried;
  private final Map<String, Datum> next = new LinkedHashMap<>();
  private final List<Datum> emitted = new ArrayList<>();

  LoopTurn(Elaboration all, List<Loop.Carry> carries) {
    this.all = all;
    this.carried = carries.stream().map(c -> c.name().text()).toList();
  }

  @Override
  public boolean next(Statement.Next statement, Scope scope, Build build) {
    String name = statement.name().text();
    if (!carried.contains(name)) {
      throw Faults.unknown("value carried by this loop", name, statement.name().span(), carried);
    }
    if (statement.when() != null && !all.expressions().truth(statement.when(), scope, build)) {
      return true;
    }
    if (next.put(name, all.expressions().eval(statement.value(), scope, build)) != null) {
      throw Faults.of(
          DiagnosticCode.DUPLICATE_NAME, statement.span(), "`" + name + "` is given anew twice");
    }
    return true;
  }

  @Override
  public boolean emit(Statement.Emit statement, Scope scope, Build build) {
    emitted.add(all.expressions().eval(statement.value(), scope, build));
    return true;
  }

  @Override
  public boolean minimize(Statement.Minimize statement, Scope scope, Build build) {
    return false;
  }

  /// What is given out, in order.
  List<Datum> emitted() {
    return emitted;
  }

  /// What the value carried under `name` is in the next turn.
  Datum after(String name, Datum before) {
    return next.getOrDefault(name, before);
  }
}
