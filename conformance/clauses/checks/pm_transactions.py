"""PM - persistent modules: transactions, and what is written in them."""

from conformance.clauses.checks.pm_update import CHANGED, NEW, OLD, SHOP, USER, seen
from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, fails, module_check, same
from conformance.clauses.registry import MUST, clause

clause(
    "PM-28",
    MUST,
    "An update is part of a transaction: nobody else sees it before it is committed and their next "
    "transaction begins; an abort brings the old behaviour back in the same objects.",
    "SEED (updated transactionally); TC.testUpdateInPlace; PCR",
)


@module_check("PM-28")
def nobody_else_sees_it_before_the_commit(scene: Scene) -> None:
    _, user = scene.start(shop=SHOP, user=USER)
    scene.update("shop", CHANGED)
    scene.two.begin()
    equal(seen(user), OLD, "what another sees before the commit")
    scene.one.commit()
    equal(seen(user), OLD, "what another sees before its next transaction")
    scene.two.begin()
    equal(seen(user), NEW, "what another sees in its next transaction")


@module_check("PM-28", each={"changed": {"source": CHANGED}, "gone": {"source": "price = 30\n"}})
def an_abort_brings_the_same_objects_back(scene: Scene, source: str) -> None:
    shop, _ = scene.start(shop=SHOP)
    held = [shop.Item, shop.Item.Tag, shop.total, shop.make, shop.pick, shop.make(1)]
    bound = shop.Item().cost
    scene.update("shop", source)
    equal(shop.price, 30, "a value after the update")
    scene.one.abort()
    equal((shop.price, seen(shop), bound(), held[-1]()), (3, OLD, 3, 4), "what it gives")
    now = [shop.Item, shop.Item.Tag, shop.total, shop.make, shop.pick]
    same(now, held[:-1], "what the module defines")
    equal(scene.one.registry.source("shop"), SHOP, "the source")
    scene.follow("shop", CHANGED)
    equal(seen(shop), NEW, "what it gives after another update")


@module_check("PM-28")
def an_aborted_module_is_gone(scene: Scene) -> None:
    scene.one.registry.new("shop", SHOP)
    scene.one.abort()
    equal(scene.one.registry.find("shop"), None, "what find() gives")
    equal(scene.one.registry.new("shop", "x = 1").x, 1, "a new module of that name")
    scene.share()
    equal(scene.two.registry.find("shop").x, 1, "what others see")


@module_check("PM-28")
def an_aborted_removal_is_undone(scene: Scene) -> None:
    shop, _ = scene.start(shop=SHOP)
    scene.one.registry.remove("shop")
    scene.one.abort()
    same(scene.one.registry.find("shop"), shop, "what find() gives")
    equal(seen(shop), OLD, "what it gives")


clause(
    "PM-29",
    MUST,
    "Every process follows an update at its next transaction, without a restart.",
    "SEED",
)


@module_check("PM-29")
def writers_take_turns(scene: Scene) -> None:
    users = scene.start(shop=SHOP, user=USER)
    for number in range(4):
        writer, reader = (scene.one, scene.two) if number % 2 else (scene.two, scene.one)
        writer.registry.update("shop", SHOP.replace("price = 3", f"price = {number}"))
        writer.commit()
        reader.begin()
        equal([user.total() for user in users], [number] * 2, "what both processes see")


CHAIN = {
    "a": "class A:\n    def a(self): return {n}\ndef f(): return {n}\n",
    "b": "from a import A, f\nclass B(A):\n    def b(self): return f(), {n}\n",
    "c": "import b\nclass C(b.B):\n    def c(self): return self.a(), self.b(), {n}\n",
}


@module_check(
    "PM-29",
    each={
        "as stored": {"turn": 0, "step": 1},
        "reversed": {"turn": 0, "step": -1},
        **{f"rotated by {turn}": {"turn": turn, "step": 1} for turn in range(1, 7)},
    },
)
def any_order_of_invalidations_will_do(scene: Scene, turn: int, step: int) -> None:
    scene.start(**{name: source.format(n=1) for name, source in CHAIN.items()})
    held = scene.both("c")[1].C()
    equal(held.c(), (1, (1, 1), 1), "what an instance gives before")
    for name in CHAIN:
        scene.update(name, CHAIN[name].format(n=2))
    scene.database.tell_in_order(lambda oids: (oids[turn:] + oids[:turn])[::step])
    scene.share()
    equal(held.c(), (2, (2, 2), 2), "what the instance gives afterwards")


clause(
    "PM-30",
    MUST,
    "Two updates of one module in concurrent transactions conflict.",
    "ZODB, rule of conflicts",
)


@module_check("PM-30")
def concurrent_updates_conflict(scene: Scene) -> None:
    _, user = scene.start(shop=SHOP, user=USER)
    scene.one.registry.update("shop", CHANGED)
    scene.two.registry.update("shop", SHOP + "\nmine = 1\n")
    scene.one.commit()
    error = fails(scene.two.commit, Exception, "the second commit")
    true("Conflict" in type(error).__name__, f"the error is one of conflict, got {error!r}")
    scene.two.abort()
    scene.two.begin()
    equal((seen(user), hasattr(scene.both("shop")[1], "mine")), (NEW, False), "what is seen then")


@module_check("PM-30")
def updates_of_different_modules_do_not(scene: Scene) -> None:
    scene.start(a="x = 1", b="x = 1")
    scene.one.registry.update("a", "x = 2")
    scene.two.registry.update("b", "x = 3")
    scene.one.commit()
    scene.two.commit()
    scene.one.begin()
    for connection in (scene.one, scene.two):
        found = [connection.registry.find(name).x for name in ("a", "b")]
        equal(found, [2, 3], "the values")


clause(
    "PM-34",
    MUST,
    "A committed update of a module invalidates, in every other process, the module and every "
    "persistent object that it defines, whether or not the module is loaded there.",
    "SEED P2, P4",
)


@module_check("PM-34")
def all_that_a_module_defines_is_written_with_it(scene: Scene) -> None:
    shop, _ = scene.start(shop=SHOP)
    scene.mark()
    scene.follow("shop", CHANGED)
    written = scene.written()
    for value in (shop.Item, shop.Item.Tag, shop.total, shop.make, shop.pick):
        true(value._p_oid in written, f"{value!r} is among what is written")
    equal(len(written), 6, "the number of records: these and the module")


@module_check("PM-34")
def what_is_held_alone_follows(scene: Scene) -> None:
    shop, _ = scene.start(shop=SHOP)
    scene.one.root["held"] = {"class": shop.Item, "function": shop.pick}
    scene.one.commit()
    for name in ("class", "function"):
        other = scene.fresh()
        held = other.root["held"][name]
        scene.one.registry.update("shop", CHANGED)
        scene.one.commit()
        other.begin()
        got = held().cost() if name == "class" else held()
        equal(got, 30 if name == "class" else "new", f"what the {name} gives")
        scene.one.registry.update("shop", SHOP)
        scene.one.commit()


clause(
    "PM-35",
    MUST,
    "Without the overlay, data that is assigned to a module at run time is never stored and marks "
    "nothing changed; it lasts at most until the module is executed again.",
    "SEED option A; SEED (the source is the state)",
)


@module_check("PM-35")
def assigned_data_is_not_stored(scene: Scene) -> None:
    one, two = scene.start(shop=SHOP)
    scene.mark()
    one.price, one.Item.extra = 99, 1
    exec("global price; price += 1", vars(one))
    equal((one.price, one.total()), (100, 100), "the value that was assigned")
    scene.share()
    equal(scene.written(), [], "what a commit stores")
    equal((two.price, hasattr(two.Item, "extra")), (3, False), "what others see")
    scene.follow("shop", SHOP + "\n")
    equal((one.price, hasattr(one.Item, "extra")), (3, False), "what is left after an update")


@module_check("PM-35")
def a_reader_writes_nothing(scene: Scene) -> None:
    scene.start(shop=SHOP, user=USER)
    scene.mark()
    reader = scene.fresh()
    user = reader.registry.find("user")
    seen(user)
    user.make(1)()
    reader.commit()
    equal(scene.written(), [], "what a reader stores")
    scene.one.registry.update("shop", CHANGED)
    scene.one.commit()
    scene.mark()
    reader.begin()
    seen(user)
    reader.commit()
    equal(scene.written(), [], "what a reader stores that has followed")
