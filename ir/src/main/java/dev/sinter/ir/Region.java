package dev.sinter.ir;

import java.util.List;

/// A body of nodes with parameters and results. A region sees its own parameters and nodes only:
/// what it needs from outside comes in as a parameter.
///
/// @param params the values that come in
/// @param nodes the nodes in an order in which each value is made before it is used
/// @param results the values that go out
public record Region(List<Value> params, List<Node> nodes, List<Value> results) {
  public Region {
    params = List.copyOf(params);
    nodes = List.copyOf(nodes);
    results = List.copyOf(results);
  }
}
