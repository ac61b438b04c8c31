//! The open connections.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};

use rvoip_sip_transport::{TransportFlowId, TransportRoute};

use crate::dial::{Dial, Target};
use crate::flow::Flow;

#[derive(Default)]
pub(crate) struct Pool {
    flows: HashMap<TransportFlowId, Flow>,
    /// The outgoing connections, made or in progress, by their target.
    dials: HashMap<Target, Dial>,
}

impl Pool {
    pub(crate) fn insert(&mut self, flow: Flow) {
        self.flows.insert(flow.id, flow);
    }

    pub(crate) fn remove(&mut self, id: TransportFlowId) {
        self.flows.remove(&id);
        self.dials.retain(|_, dial| dial.id != id);
    }

    /// Returns the connection to a target. If there is none, `begin` starts one.
    pub(crate) fn dial(
        &mut self,
        target: Target,
        begin: impl FnOnce(TransportFlowId) -> Dial,
    ) -> Dial {
        let begun = self.dials.entry(target);
        begun.or_insert_with(|| begin(next_id())).clone()
    }

    pub(crate) fn flow(&self, id: TransportFlowId, peer: SocketAddr) -> Option<Flow> {
        let flow = self.flows.get(&id)?;
        (flow.peer == peer && flow.is_open()).then(|| flow.clone())
    }

    /// Returns the open connection for a route. Without a flow or a target, there must be exactly one to the address.
    pub(crate) fn of_route(&self, route: &TransportRoute, target: Option<&Target>) -> Option<Flow> {
        if let Some(id) = route.flow_id {
            return self.flow(id, route.destination);
        }
        if let Some(target) = target {
            return self.flow(self.dials.get(target)?.id, route.destination);
        }
        let mut flows = self.to(route.destination);
        let flow = flows.next()?;
        flows.next().is_none().then(|| flow.clone())
    }

    pub(crate) fn to(&self, peer: SocketAddr) -> impl Iterator<Item = &Flow> {
        let flows = self.flows.values();
        flows.filter(move |flow| flow.peer == peer && flow.is_open())
    }

    pub(crate) fn len(&self) -> usize {
        self.flows.len()
    }
}

/// Returns a new number for a connection. The numbers of rvoip's own transports in the same process begin with 1.
pub(crate) fn next_id() -> TransportFlowId {
    static NEXT: AtomicU64 = AtomicU64::new(1 << 62);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    TransportFlowId::from_process_local_value(number).expect("it takes ages to come to 0")
}
