"""A list of blocks, and the check of it; says how many seconds the check takes."""
import hashlib
import sys
import time


class Block:
    def __init__(self, index, previous_hash, data, timestamp):
        self.index = index
        self.previous_hash = previous_hash
        self.data = data
        self.timestamp = timestamp
        self.hash = self.calculate_hash()

    def calculate_hash(self):
        text = str(self.index) + self.previous_hash + str(self.timestamp) + str(self.data)
        return hashlib.sha256(text.encode()).hexdigest()


def is_chain_valid(chain):
    for at in range(1, len(chain)):
        block, before = chain[at], chain[at - 1]
        if block.hash != block.calculate_hash():
            return False
        if block.previous_hash != before.hash:
            return False
    return True


chain = [Block(0, "0", "genesis", 1_700_000_000.0)]
for index in range(1, int(sys.argv[1]) + 1):
    data = f"entry {index} of a long chain"
    chain.append(Block(index, chain[-1].hash, data, 1_700_000_000.0 + index))
begin = time.perf_counter()
assert is_chain_valid(chain)
print(time.perf_counter() - begin)
