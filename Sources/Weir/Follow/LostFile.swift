extension Follower {
  /// A file that is not, or no more as it was, where it was.
  struct LostFile {
    /// What one sink knows of it.
    struct Member {
      let checkpoint: Checkpoint
      let taker: Taker
    }

    let identity: FileIdentity
    var members: [Member] = []
    /// Those who know nothing of a file that came after it.
    var takersWithoutSuccessor: Set<Taker> = []
    /// Those of them who know of none that is there.
    var takersWithoutFile: Set<Taker> = []
    /// Those who know an earlier generation of it, and this one not yet: all of it is new to them.
    var takersBehind: Set<Taker> = []
    /// Where it is now.
    var copy: RotatedCopy?

    init(identity: FileIdentity) { self.identity = identity }

    var checkpoints: [Checkpoint] { members.map(\.checkpoint) }

    /// Who knows it.
    var takers: Set<Taker> { Set(members.map(\.taker)) }

    /// Where the furthest checkpoint stands.
    var offset: UInt64 { checkpoints.map(\.offset).max() ?? 0 }

    /// Until when all who know it have read it in its place. Those before it were read by then: what was written to
    /// last before that was not missed, and may be a copy of it that an earlier life has passed over. 0: nobody knows.
    var readAt: Int64 {
      checkpoints.map { $0.isDone || $0.offset == 0 ? 0 : $0.readAtMilliseconds }.min() ?? 0
    }

    /// Whether what was found has as much as was read of it, and so is no other file that has its inode.
    var hasWhatWasRead: Bool {
      guard let copy else { return false }
      return copy.isPresumed || checkpoints.contains { $0.offset > 0 && $0.offset <= copy.size }
    }

    /// Whether it had its name until it was gone, as far as is known: it was copied, or is found nowhere.
    var keptItsPlace: Bool { copy?.status.identity.inode != identity.inode }

    /// One for each generation that sinks know: where one of them knows less than another, and that was read later, the
    /// file was truncated in between. The oldest first.
    var generations: [LostFile] {
      var generations: [LostFile] = []
      for member in members.sorted(by: { $0.checkpoint.readAtMilliseconds < $1.checkpoint.readAtMilliseconds }) {
        if let last = generations.last, !last.isOver(at: member.checkpoint) {
          generations[generations.count - 1].members.append(member)
        } else {
          var next = self
          next.members = [member]
          generations.append(next)
        }
      }
      var earlier: Set<Taker> = []
      for index in generations.indices {
        generations[index].takersBehind = earlier.subtracting(generations[index].takers)
        earlier.formUnion(generations[index].takers)
        generations[index].takersWithoutSuccessor.formIntersection(generations[index].takers)
        generations[index].takersWithoutFile.formIntersection(generations[index].takers)
      }
      return generations
    }

    /// Whether a checkpoint is of a later generation: it was read after all of these, and there is less before it.
    private func isOver(at checkpoint: Checkpoint) -> Bool {
      checkpoints.contains {
        $0.offset > checkpoint.offset && $0.readAtMilliseconds < checkpoint.readAtMilliseconds
      }
    }
  }
}
